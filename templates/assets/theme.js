// Before anything is painted: the look that this reader chose, where the browser keeps it.
(function () {
  "use strict";
  try {
    var look = localStorage.getItem("qunce-look");
    if (look === "light" || look === "dark") document.documentElement.dataset.look = look;
  } catch (refused) { /* Storage may be off; the system's look stays. */ }
})();
