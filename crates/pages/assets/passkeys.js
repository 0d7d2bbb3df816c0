// Passkeys: a form is sent to hear what to ask the authenticator, and again with its answer. Without a script, or without
// passkeys, the form stays hidden and the password is there.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const letters = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// What the server asks, as the browser wants it.
function asked(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const credential of options.excludeCredentials || []) credential.id = bytes(credential.id);
  return { publicKey: options };
}

// What the authenticator answers, as the server wants it.
function answered(credential) {
  const reply = { id: credential.id };
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) reply[name] = letters(credential.response[name]);
  }
  return JSON.stringify(reply);
}

async function ask(form) {
  const trouble = form.querySelector("[role=alert]");
  trouble.hidden = true;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.passkey, { method: "POST", body });
    const said = await answer.text();
    if (!answer.ok) throw new Error(answer.headers.get("content-type")?.startsWith("text/plain") ? said : "");
    const question = asked(JSON.parse(said));
    const credential = await (question.publicKey.user
      ? navigator.credentials.create(question)
      : navigator.credentials.get(question));
    form.elements.reply.value = answered(credential);
    HTMLFormElement.prototype.submit.call(form);
  } catch (error) {
    const own = error instanceof Error && !(error instanceof DOMException) && !(error instanceof TypeError);
    trouble.textContent = (own && error.message) || trouble.dataset.failed;
    trouble.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}
