// Hears of builds; comes back by itself when the server was away.
var source = new EventSource("/.qunce/events");
source.addEventListener("site", function (event) {
  postMessage(event.data);
});
