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
    document.querySelectorAll(".drop-words").forEach(function (part) { part.hidden = false; });
    document.querySelectorAll("[data-script]").forEach(load);
    document.dispatchEvent(new Event("soleus:ready"));
    look();
  }
  // What only some pages need is loaded when the first of them is shown.
  function load(part) {
    var url = part.dataset.script;
    if (document.querySelector('script[src="' + url + '"]')) { return; }
    var script = document.createElement("script");
    script.src = url;
    document.head.append(script);
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
  // Uploads: drop, count, show how much is sent. Without script the form is sent plainly.
  function words(n) { return n < 1e9 ? Math.max(1, Math.round(n / 1e6)) + " MB" : (n / 1e9).toFixed(1) + " GB"; }
  function swap(html, url) {
    var page = new DOMParser().parseFromString(html, "text/html");
    var fresh = page.getElementById("main");
    if (!fresh) { window.location.assign(url); return; }
    document.getElementById("main").replaceWith(fresh);
    document.title = page.title;
    if (url) { history.pushState({}, "", url); }
    if (window.htmx) { window.htmx.process(fresh); }
    window.scrollTo(0, 0);
    ready();
    if (!document.getElementById("error-summary")) { fresh.focus({ preventScroll: true }); }
  }
  function problem(form, said) {
    var box = form.querySelector("#files-problem");
    box.textContent = said;
    box.hidden = !said;
    if (said) { form.querySelector("input[type=file]").focus(); }
  }
  function send(form) {
    var files = form.querySelector("input[type=file]").files;
    var total = Array.prototype.reduce.call(files, function (sum, f) { return sum + f.size; }, 0);
    var most = Number(form.dataset.maxBytes);
    problem(form, "");
    if (total > most) {
      problem(form, "Choose less at once: this is " + words(total) + ", and we can take " + words(most) + ".");
      return;
    }
    if (files.length > Number(form.dataset.maxFiles)) {
      problem(form, "Choose at most " + form.dataset.maxFiles + " files at once, or put them into one zip.");
      return;
    }
    var box = form.querySelector(".sending"), bar = box.querySelector("progress"), said = box.querySelector("[role=status]");
    var button = form.querySelector("button[type=submit]"), request = new XMLHttpRequest(), told = -1;
    function over() { box.hidden = true; button.disabled = false; }
    request.open("POST", form.action);
    request.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable) { return; }
      var part = Math.floor(100 * event.loaded / event.total);
      bar.value = part;
      if (Math.floor(part / 10) !== told) {
        told = Math.floor(part / 10);
        said.textContent = "Sent " + words(event.loaded) + " of " + words(event.total);
      }
    });
    request.addEventListener("load", function () { over(); swap(request.responseText, request.responseURL); });
    request.addEventListener("error", function () { over(); problem(form, "The files could not be sent. Check your connection and try again. Nothing is lost."); });
    request.addEventListener("abort", function () { over(); problem(form, "Stopped. Nothing was kept."); });
    box.querySelector("[data-stop]").onclick = function () { request.abort(); };
    box.hidden = false;
    button.disabled = true;
    request.send(new FormData(form));
  }
  document.addEventListener("submit", function (event) {
    if (!event.target.matches("form[data-upload]")) { return; }
    event.preventDefault();
    send(event.target);
  });
  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var area = event.target.closest ? event.target.closest("[data-drop]") : null;
      if (!area) { return; }
      event.preventDefault();
      area.classList.toggle("drop-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        area.querySelector("input[type=file]").files = event.dataTransfer.files;
      }
    });
  });
  // A page that waits for the server looks again every two seconds, as long as it is shown.
  var waiting = 0;
  function look() {
    window.clearTimeout(waiting);
    var part = document.querySelector("[data-poll]");
    if (!part) { return; }
    waiting = window.setTimeout(function () {
      if (document.hidden) { look(); return; }
      fetch(part.dataset.poll).then(function (answer) {
        return answer.text().then(function (html) {
          if (!document.body.contains(part)) { return; }
          var page = new DOMParser().parseFromString(html, "text/html"), fresh = page.getElementById("job");
          if (!fresh || !fresh.hasAttribute("data-poll")) { swap(html, answer.url); return; }
          part.querySelectorAll(".steps, progress").forEach(function (old, at) {
            var next = fresh.querySelectorAll(".steps, progress")[at];
            if (next) { old.replaceWith(next); }
          });
          if (part.querySelectorAll("progress").length < fresh.querySelectorAll("progress").length) {
            part.querySelector(".steps").after(fresh.querySelector("progress"));
          }
          look();
        });
      }).catch(look);
    }, 2000);
  }
  // Without a connection, or when the server fails to answer, fall back to a plain page load.
  document.addEventListener("htmx:sendError", function () { window.location.reload(); });
  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("/sw.js").catch(function () {});
  }
})();
