// Reloads a served page when the site it belongs to was built anew. Never part of a written site.
(function () {
  "use strict";
  var version = document.currentScript.dataset.version;
  var worker = null;
  // A worker has a policy of its own, so the page's stays as it will be published.
  function listen() {
    if (worker) return;
    worker = new Worker("/.qunce/worker.js");
    worker.onmessage = function (event) {
      if (event.data === version) return;
      stop();
      location.reload();
    };
  }
  function stop() {
    if (worker) worker.terminate();
    worker = null;
  }
  // A browser keeps few connections to one host: pages that nobody sees give theirs back.
  function follow() {
    if (document.visibilityState === "hidden") stop();
    else listen();
  }
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", follow);
  follow();
})();
