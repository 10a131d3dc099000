// The preview follows what is typed and chosen; the page itself works without this.

const form = document.getElementById("labels");
const again = document.getElementById("again");
let asked = 0;
let timer = 0;

async function refresh(withKnobs) {
  const mine = ++asked;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", "preview");
  let page;
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    if (answer.redirected) return location.reload();
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return;
  }
  if (mine !== asked) return;
  for (const id of withKnobs ? ["knobs", "preview"] : ["preview"]) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id).replaceChildren(...fresh.childNodes);
  }
}

function later(event) {
  clearTimeout(timer);
  timer = setTimeout(refresh, event.type === "change" ? 0 : 400, event.target.id === "pair");
}

again.hidden = true;
form.addEventListener("input", later);
form.addEventListener("change", later);
