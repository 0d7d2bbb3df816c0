// Stays on the device: shows what hikeshi pushes, and opens its link when somebody touches it.
self.addEventListener("push", (event) => {
  // A push that shows nothing costs the permission to show anything.
  let page = { title: "hikeshi" };
  try {
    page = event.data.json();
  } catch {
    // It was not ours to read: that something came is shown all the same.
  }
  const shown = self.registration.showNotification(page.title, {
    body: page.body,
    tag: page.tag,
    renotify: Boolean(page.tag && page.again),
    requireInteraction: Boolean(page.stays),
    actions: page.link && page.label ? [{ action: "answer", title: page.label }] : [],
    data: { link: page.link },
  });
  event.waitUntil(shown);
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { link } = event.notification.data;
  if (link) {
    event.waitUntil(self.clients.openWindow(link));
  }
});
