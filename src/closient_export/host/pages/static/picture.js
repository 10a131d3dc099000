// Zooms and moves the picture by changing its view box: by buttons, keys, pointers, two fingers.

const frame = document.getElementById("picture");
const picture = frame?.querySelector("svg");

if (picture) {
  const { x: left, y: top, width, height } = picture.viewBox.baseVal;
  const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
  let view = { x: left, y: top, width, height };

  // How many units of the picture a pixel has, when all of it is seen.
  const farthest = () => Math.max(width / frame.clientWidth, height / frame.clientHeight);
  const closest = () => Math.min(farthest() / 4, 0.25);
  const factor = () => view.width / frame.clientWidth;

  // What is seen has the shape of the frame, and does not leave the picture.
  function show(x, y, units) {
    if (!frame.clientWidth || !frame.clientHeight) return;
    const far = farthest();
    const unit = clamp(units, closest(), far);
    const wide = unit * frame.clientWidth;
    const high = unit * frame.clientHeight;
    view = {
      x: wide >= width ? left + (width - wide) / 2 : clamp(x, left, left + width - wide),
      y: high >= height ? top + (height - high) / 2 : clamp(y, top, top + height - high),
      width: wide,
      height: high,
    };
    picture.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    frame.classList.toggle("zoomed", unit < far);
  }

  const seesAll = () => !frame.classList.contains("zoomed");
  const showAll = () => show(left, top, farthest());

  // Where a point of the window lies in the picture.
  function placed(clientX, clientY) {
    const box = picture.getBoundingClientRect();
    return [view.x + (clientX - box.left) * factor(), view.y + (clientY - box.top) * factor()];
  }

  function zoom(by, clientX, clientY) {
    const middle = [view.x + view.width / 2, view.y + view.height / 2];
    const [x, y] = clientX === undefined ? middle : placed(clientX, clientY);
    const units = clamp(factor() / by, closest(), farthest());
    const part = units / factor();
    show(x - (x - view.x) * part, y - (y - view.y) * part, units);
  }

  const move = (x, y) => show(view.x + x * view.width, view.y + y * view.height, factor());

  const actions = {
    in: () => zoom(1.5),
    out: () => zoom(1 / 1.5),
    left: () => move(-0.2, 0),
    right: () => move(0.2, 0),
    up: () => move(0, -0.2),
    down: () => move(0, 0.2),
    whole: showAll,
  };
  const keys = {
    "+": "in",
    "=": "in",
    "-": "out",
    0: "whole",
    ArrowLeft: "left",
    ArrowRight: "right",
    ArrowUp: "up",
    ArrowDown: "down",
  };

  const tools = document.querySelector(".picture-tools");
  tools.hidden = false;
  tools.addEventListener("click", (event) => actions[event.target.dataset.do]?.());
  frame.classList.add("moves");
  function fit() {
    if (!frame.clientWidth) return; // it is not laid out
    const high = (frame.clientWidth * height) / width;
    frame.style.height = `${clamp(high, 288, 0.78 * window.innerHeight)}px`;
    if (seesAll()) showAll();
    else show(view.x, view.y, factor());
  }
  fit();
  // Where all of it would be too small to read, the lot of this page is seen first.
  const own = picture.querySelector(`a[href="${location.pathname}"]`);
  if (own && farthest() > 4) {
    const box = own.getBoundingClientRect();
    const [x, y] = placed(box.left + box.width / 2, box.top + box.height / 2);
    show(x - 0.5 * frame.clientWidth, y - 0.5 * frame.clientHeight, 1);
  }
  window.addEventListener("resize", fit);
  window.addEventListener("beforeprint", showAll);

  frame.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = event.key.startsWith("Arrow");
    if (moves && seesAll()) return; // the page scrolls
    actions[action]();
    event.preventDefault();
  });

  frame.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return; // the page scrolls
      zoom(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
      event.preventDefault();
    },
    { passive: false },
  );

  const pointers = new Map();
  let dragged = false;

  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!pointers.size) dragged = false;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });

  frame.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!dragged && Math.hypot(now.x - before.x, now.y - before.y) < 6 && pointers.size < 2) return;
    if (!dragged) frame.setPointerCapture(event.pointerId);
    dragged = true;
    if (pointers.size === 1) {
      const unit = factor();
      show(view.x - (now.x - before.x) * unit, view.y - (now.y - before.y) * unit, unit);
    } else {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const apart = (at) => Math.max(1, Math.hypot(at.x - other.x, at.y - other.y));
      zoom(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    }
    pointers.set(event.pointerId, now);
  });

  for (const kind of ["pointerup", "pointercancel"]) {
    frame.addEventListener(kind, (event) => pointers.delete(event.pointerId));
  }

  // What was dragged was not clicked.
  frame.addEventListener(
    "click",
    (event) => {
      if (dragged) event.preventDefault();
      dragged = false;
    },
    true,
  );
  frame.addEventListener("dragstart", (event) => event.preventDefault());

  // A lot that is reached by Tab is brought into view.
  frame.addEventListener("focusin", (event) => {
    if (event.target === frame || seesAll()) return;
    const box = event.target.getBoundingClientRect();
    const [x, y] = placed(box.left + box.width / 2, box.top + box.height / 2);
    show(x - view.width / 2, y - view.height / 2, factor());
  });
}
