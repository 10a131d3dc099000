// Zooms and moves the picture by changing its view box: by buttons, keys, pointers, two fingers.

const frame = document.getElementById("picture");
const picture = frame?.querySelector("svg");

if (picture) {
  const whole = picture.viewBox.baseVal;
  const all = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
  const most = 20;
  let view = { ...all };

  const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

  function show(next) {
    const width = clamp(next.width, all.width / most, all.width);
    const height = next.height * (width / next.width);
    view = {
      x: clamp(next.x, all.x, all.x + all.width - width),
      y: clamp(next.y, all.y, all.y + all.height - height),
      width,
      height,
    };
    picture.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    frame.classList.toggle("zoomed", view.width < all.width);
  }

  // Where the picture is shown: the box may be wider or higher than what it holds.
  function scale() {
    const box = picture.getBoundingClientRect();
    const factor = Math.max(view.width / box.width, view.height / box.height);
    return {
      factor,
      left: box.left + (box.width - view.width / factor) / 2,
      top: box.top + (box.height - view.height / factor) / 2,
    };
  }

  function zoom(by, clientX, clientY) {
    const { factor, left, top } = scale();
    const x = clientX === undefined ? view.x + view.width / 2 : view.x + (clientX - left) * factor;
    const y = clientY === undefined ? view.y + view.height / 2 : view.y + (clientY - top) * factor;
    const width = clamp(view.width / by, all.width / most, all.width);
    const part = width / view.width;
    show({
      x: x - (x - view.x) * part,
      y: y - (y - view.y) * part,
      width,
      height: view.height * part,
    });
  }

  const move = (x, y) => show({ ...view, x: view.x + x * view.width, y: view.y + y * view.height });

  const actions = {
    in: () => zoom(1.5),
    out: () => zoom(1 / 1.5),
    left: () => move(-0.2, 0),
    right: () => move(0.2, 0),
    up: () => move(0, -0.2),
    down: () => move(0, 0.2),
    whole: () => show(all),
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

  frame.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = event.key.startsWith("Arrow");
    if (moves && view.width >= all.width) return; // the page scrolls
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
      const { factor } = scale();
      show({ ...view, x: view.x - (now.x - before.x) * factor, y: view.y - (now.y - before.y) * factor });
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
    if (event.target === frame || view.width >= all.width) return;
    const { factor, left, top } = scale();
    const box = event.target.getBoundingClientRect();
    const x = view.x + (box.left + box.width / 2 - left) * factor;
    const y = view.y + (box.top + box.height / 2 - top) * factor;
    show({ ...view, x: x - view.width / 2, y: y - view.height / 2 });
  });
}
