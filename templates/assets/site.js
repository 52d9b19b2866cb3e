// Everything works without this file; it adds copying, filtering and nothing else.
(function () {
  "use strict";
  var words = [document.body.dataset.copy, document.body.dataset.copied];
  document.querySelectorAll(".copy").forEach(function (box) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = words[0];
    button.addEventListener("click", function () {
      var done = function () {
        button.textContent = words[1];
        setTimeout(function () { button.textContent = words[0]; }, 1600);
      };
      var fallback = function () {
        var range = document.createRange();
        range.selectNodeContents(box);
        var selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        if (document.execCommand("copy")) done();
      };
      if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(box.innerText).then(done, fallback);
      else fallback();
    });
    box.after(button);
  });
  document.querySelectorAll("form[data-filter]").forEach(function (form) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("#" + form.dataset.filter + " > li:not(.head)"));
    var count = form.querySelector("[data-count]");
    var apply = function () {
      var text = form.elements.text.value.trim().toLowerCase();
      var shown = 0;
      rows.forEach(function (row) {
        var fits = (!text || row.dataset.text.toLowerCase().indexOf(text) >= 0) &&
          (!form.elements.type.value || row.dataset.type === form.elements.type.value) &&
          (!form.elements.owner.value || row.dataset.owner === form.elements.owner.value);
        row.hidden = !fits;
        if (fits) shown += 1;
      });
      count.textContent = shown;
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    apply();
  });
})();
