// Enhancement only: every page works without this file.
(function () {
  "use strict";
  // The picture's zones tick the list's radio buttons (the numbers do so without script).
  document.addEventListener("click", function (event) {
    var zone = event.target.closest ? event.target.closest("[data-zone]") : null;
    var input = zone && document.getElementById(zone.getAttribute("data-zone"));
    if (input) { input.checked = true; input.dispatchEvent(new Event("change", { bubbles: true })); }
    if (event.target.closest && event.target.closest("[data-print]")) { window.print(); }
  });
  // "None of these" and the other ticks exclude each other; "not sure" and "yes" of one line too.
  document.addEventListener("change", function (event) {
    var box = event.target;
    var group = box.closest ? box.closest(".ticks") : null;
    if (!group || !box.checked) { return; }
    group.querySelectorAll("input[type=checkbox]").forEach(function (other) {
      if (other === box) { return; }
      if (box.id === "none" || other.id === "none" || other.name === box.name) { other.checked = false; }
    });
  });
  // Pages are fetched and swapped by htmx when it is there; the new page is announced by moving the focus.
  function ready() {
    document.querySelectorAll("[data-print]").forEach(function (button) { button.hidden = false; });
    var summary = document.getElementById("error-summary");
    if (summary) { summary.focus(); }
  }
  document.addEventListener("DOMContentLoaded", function () {
    ready();
  });
  document.addEventListener("htmx:afterSettle", function () {
    window.scrollTo(0, 0);
    ready();
    if (!document.getElementById("error-summary")) {
      var main = document.getElementById("main");
      if (main) { main.focus({ preventScroll: true }); }
    }
  });
  // Without a connection, or when the server fails to answer, fall back to a plain page load.
  document.addEventListener("htmx:sendError", function () { window.location.reload(); });
  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("/sw.js").catch(function () {});
  }
})();
