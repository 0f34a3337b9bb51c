// Enhancement only: recording a film, and the metronome with its counter. Every page works without this file.
(function () {
  "use strict";
  var BEAT_MS = 1000;
  var camera = null, recorder = null, parts = [], stopAt = 0, sound = null, beat = 0, beats = 0;
  function find(box, name) { return box.querySelector("[data-" + name + "]"); }
  function show(part, yes) { if (part) { part.hidden = !yes; } }
  // What needs script appears only where it can work.
  function ready() {
    var can = window.MediaRecorder && navigator.mediaDevices && navigator.mediaDevices.getUserMedia && window.DataTransfer;
    document.querySelectorAll("[data-recorder]").forEach(function (part) { show(part, Boolean(can)); });
    document.querySelectorAll("[data-metronome]").forEach(function (part) { show(part, true); });
    if (!document.querySelector("[data-recorder]")) { closeCamera(null); }
    if (!document.querySelector("[data-metronome]")) { stopBeats(null); }
  }
  document.addEventListener("soleus:ready", ready);
  ready();
  // --- recording -------------------------------------------------------------------------------------------------
  function say(box, words) { find(box, "record-words").textContent = words; }
  function closeCamera(box) {
    window.clearTimeout(stopAt);
    if (recorder && recorder.state !== "inactive") { recorder.onstop = null; recorder.stop(); }
    if (camera) { camera.getTracks().forEach(function (track) { track.stop(); }); }
    camera = recorder = null;
    if (box) {
      show(find(box, "record-box"), false);
      show(find(box, "record-open"), true);
      find(box, "record-open").focus();
    }
  }
  function openCamera(box) {
    var wish = { audio: false, video: { facingMode: { ideal: "environment" }, frameRate: { ideal: 60 }, width: { ideal: 1280 } } };
    navigator.mediaDevices.getUserMedia(wish).then(function (stream) {
      camera = stream;
      var view = find(box, "record-view"), rate = stream.getVideoTracks()[0].getSettings().frameRate;
      view.srcObject = stream;
      view.play();
      show(find(box, "record-box"), true);
      show(find(box, "record-open"), false);
      show(find(box, "record-start"), true);
      show(find(box, "record-stop"), false);
      find(box, "record-start").focus();
      say(box, rate ? "The camera takes " + Math.round(rate) + " pictures a second." : "The camera is on.");
    }).catch(function () {
      show(find(box, "record-box"), true);
      show(find(box, "record-start"), false);
      say(box, "The camera could not be opened. Allow it in your browser, or film with your phone’s own camera and choose the film.");
    });
  }
  function kind() {
    return ["video/mp4", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"].filter(function (type) {
      return window.MediaRecorder.isTypeSupported(type);
    })[0] || "";
  }
  function startRecording(box) {
    if (!camera) { return; }
    var left = 5;
    show(find(box, "record-start"), false);
    (function count() {
      if (!camera) { return; }
      if (left) { say(box, "Starting in " + left); left -= 1; window.setTimeout(count, 1000); return; }
      var type = kind();
      parts = [];
      recorder = new window.MediaRecorder(camera, type ? { mimeType: type, videoBitsPerSecond: 8e6 } : { videoBitsPerSecond: 8e6 });
      recorder.ondataavailable = function (event) { if (event.data.size) { parts.push(event.data); } };
      recorder.onstop = function () { keep(box); };
      recorder.start(1000);
      say(box, "Recording. Press stop after ten to twenty seconds of running, or when the test is over.");
      show(find(box, "record-stop"), true);
      find(box, "record-stop").focus();
      stopAt = window.setTimeout(function () { stopRecording(box); }, 1000 * Number(box.dataset.longestS));
    })();
  }
  function stopRecording() { if (recorder && recorder.state !== "inactive") { recorder.stop(); } }
  function keep(box) {
    var type = (recorder && recorder.mimeType) || "video/webm", ending = type.indexOf("mp4") >= 0 ? ".mp4" : ".webm";
    var film = new File(parts, "recorded" + ending, { type: type.split(";")[0] }), files = new DataTransfer();
    var input = box.closest("form").querySelector("input[type=file]"), view = find(box, "record-view");
    files.items.add(film);
    input.files = files.files;
    camera.getTracks().forEach(function (track) { track.stop(); });
    camera = recorder = null;
    view.srcObject = null;
    view.src = URL.createObjectURL(film);
    view.controls = true;
    show(find(box, "record-stop"), false);
    show(find(box, "record-open"), true);
    find(box, "record-open").textContent = "Record again";
    say(box, "Recorded. Look at it: is your whole body in the picture, with both feet? Then press “Read my film” below.");
  }
  // --- metronome and counter -------------------------------------------------------------------------------------
  function beep(high) {
    if (!sound) { return; }
    var tone = sound.createOscillator(), loud = sound.createGain(), now = sound.currentTime;
    tone.frequency.value = high ? 880 : 587;
    loud.gain.setValueAtTime(0.4, now);
    loud.gain.exponentialRampToValueAtTime(0.001, now + 0.12);
    tone.connect(loud);
    loud.connect(sound.destination);
    tone.start(now);
    tone.stop(now + 0.13);
  }
  function startBeats(box) {
    var Sound = window.AudioContext || window.webkitAudioContext;
    stopBeats(null);
    sound = Sound ? new Sound() : null;
    beats = 0;
    var word = find(box, "beat"), from = performance.now();
    (function next() {
      var up = beats % 2 === 0;
      word.textContent = up ? "Up" : "Down";
      word.classList.toggle("beat-up", up);
      beep(up);
      beats += 1;
      // From the start, so that the beat does not drift.
      beat = window.setTimeout(next, Math.max(0, from + beats * BEAT_MS - performance.now()));
    })();
    show(find(box, "metronome-start"), false);
    show(find(box, "metronome-stop"), true);
    find(box, "metronome-stop").focus();
  }
  function stopBeats(box) {
    window.clearTimeout(beat);
    if (sound) { sound.close(); sound = null; }
    if (box) {
      find(box, "beat").textContent = "Stopped";
      show(find(box, "metronome-start"), true);
      show(find(box, "metronome-stop"), false);
      find(box, "metronome-start").focus();
    }
  }
  function tally(box, step) {
    var input = document.getElementById("reps"), count = Math.max(0, (parseInt(input.value, 10) || 0) + step);
    input.value = count;
    find(box, "count-words").textContent = count === 1 ? "1 heel raise" : count + " heel raises";
  }
  var DO = {
    "record-open": [openCamera, "recorder"], "record-start": [startRecording, "recorder"],
    "record-stop": [stopRecording, "recorder"], "record-close": [closeCamera, "recorder"],
    "metronome-start": [startBeats, "metronome"], "metronome-stop": [stopBeats, "metronome"],
    "tap": [function (box) { tally(box, 1); }, "metronome"], "untap": [function (box) { tally(box, -1); }, "metronome"]
  };
  document.addEventListener("click", function (event) {
    if (!event.target.closest) { return; }
    Object.keys(DO).forEach(function (name) {
      var button = event.target.closest("[data-" + name + "]");
      if (button) { DO[name][0](button.closest("[data-" + DO[name][1] + "]")); }
    });
  });
})();
