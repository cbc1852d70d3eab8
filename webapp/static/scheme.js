// Follows the system's light or dark scheme. Runs before the page is drawn; without it the page is light.
(function () {
  "use strict";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var root = document.documentElement;
  function show(isDark) { root.setAttribute("data-bs-theme", isDark ? "dark" : "light"); }
  function follow() { show(dark.matches); }
  follow();
  dark.addEventListener("change", follow);
  window.addEventListener("beforeprint", function () { show(false); });
  window.addEventListener("afterprint", follow);
})();
