// Looks again how an export stands, and lets its clock tick; the page itself works without this.

const MILLISECONDS = 1000;
const job = document.getElementById("job");
const live = document.getElementById("live");
let loaded = Date.now();

function tick() {
  const left = job.querySelector("[data-left]");
  if (!left) return;
  const seconds = Math.max(0, Number(left.dataset.left) - Math.floor((Date.now() - loaded) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  left.textContent = `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min ${two(seconds % 60)} s`;
}

function tell(text) {
  // Every tenth of the way is enough for those who listen.
  const percent = /^(\d+) %/.exec(text);
  const shown = percent ? `${Math.floor(percent[1] / 10) * 10} % done.` : text;
  if (live.textContent !== shown) live.textContent = shown;
}

async function look() {
  try {
    const answer = await fetch(location.href);
    if (answer.redirected) return location.reload();
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("job");
      job.replaceChildren(...fresh.childNodes);
      job.dataset.running = fresh.dataset.running;
      loaded = Date.now();
      tick();
      tell(page.getElementById("live").textContent);
      const cancel = document.getElementById("cancel");
      if (cancel && !page.getElementById("cancel")) {
        if (cancel.contains(document.activeElement)) document.getElementById("main").focus();
        cancel.remove();
      }
    }
  } catch {
    // The host may be back in a moment.
  }
  if (job.dataset.running === "yes") setTimeout(look, MILLISECONDS);
}

tick();
setInterval(tick, MILLISECONDS);
if (job.dataset.running === "yes") setTimeout(look, MILLISECONDS);
