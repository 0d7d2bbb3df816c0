// The page on which a device enrols: asks the browser for a subscription and hands it in.
const form = document.getElementById("enrol");
const said = document.getElementById("said");
const words = form.dataset;

function bytes(key) {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function enrol() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    return words.unable;
  }
  if ((await Notification.requestPermission()) !== "granted") {
    return words.denied;
  }
  await navigator.serviceWorker.register("/push/worker.js");
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(words.key) };
  const subscription = await registration.pushManager.subscribe(options);
  const answer = await fetch(location.href, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: form.title.value, subscription }),
  });
  return answer.ok ? words.done : `${words.failed} ${await answer.text()}`;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    said.textContent = await enrol();
  } catch (error) {
    said.textContent = `${words.failed} ${error.message}`;
  }
});
