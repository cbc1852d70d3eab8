// Opens and closes the branches of a tree table, and keeps what is closed in the URL. Without this script the buttons
// stay hidden and every row is shown.
(function () {
  "use strict";
  var table = document.querySelector("table[data-tree]");
  if (!table) { return; }
  var rows = Array.prototype.slice.call(table.querySelectorAll("tr[data-key]"));
  var asked = new URL(window.location.href).searchParams.get("closed");
  var closed = new Set((asked || "").split(".").filter(Boolean));

  function draw() {
    var shut = new Set();
    rows.forEach(function (row) {
      var key = row.dataset.key;
      var hidden = shut.has(row.dataset.parent);
      row.hidden = hidden;
      var button = row.querySelector("button[data-branch]");
      if (button) {
        button.hidden = false;
        button.setAttribute("aria-expanded", String(!closed.has(key)));
      }
      if (hidden || closed.has(key)) { shut.add(key); }
    });
  }

  function withClosed(address) {
    var url = new URL(address, window.location.href);
    if (closed.size) { url.searchParams.set("closed", Array.from(closed).join(".")); }
    else { url.searchParams.delete("closed"); }
    return url;
  }

  function remember() {
    window.history.replaceState(null, "", withClosed(window.location.href));
    document.querySelectorAll("a[data-keeps-state]").forEach(function (link) { link.href = withClosed(link.href).href; });
    document.querySelectorAll("form[data-keeps-state] input[name=closed]").forEach(function (input) {
      input.value = Array.from(closed).join(".");
      input.disabled = !closed.size;
    });
  }

  table.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-branch]");
    if (!button) { return; }
    var key = button.closest("tr").dataset.key;
    if (closed.has(key)) { closed.delete(key); } else { closed.add(key); }
    draw();
    remember();
  });

  var all = document.querySelector("[data-branches]");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", function (event) {
      var wish = event.target.closest("button[data-all]");
      if (!wish) { return; }
      closed = new Set(wish.dataset.all === "open" ? [] : rows.filter(function (row) {
        return row.querySelector("button[data-branch]") && (wish.dataset.all === "close" || row.dataset.kind === "program");
      }).map(function (row) { return row.dataset.key; }));
      draw();
      remember();
    });
  }
  draw();
  remember();
})();

// Leaves of what a role can be held over only what fits the role. Without this script the server tells.
document.querySelectorAll("select[data-role]").forEach(function (role) {
  "use strict";
  var scope = role.form.querySelector("select[data-scope]");
  function fit() {
    scope.querySelectorAll("[data-roles]").forEach(function (choice) {
      choice.hidden = choice.disabled = choice.dataset.roles.split(" ").indexOf(role.value) < 0;
    });
    var chosen = scope.selectedOptions[0];
    if (!chosen || chosen.disabled || chosen.parentNode.disabled) {
      scope.value = scope.querySelector("option:enabled, optgroup:enabled > option").value;
    }
  }
  role.addEventListener("change", fit);
  fit();
});

// Says aloud how far a run is, but only when it is further than before: figures move too often to be read out.
document.addEventListener("htmx:afterSwap", function () {
  "use strict";
  var news = document.querySelector("[data-say]");
  var said = document.getElementById("said");
  if (news && said && said.textContent !== news.textContent) { said.textContent = news.textContent; }
});

// Chooses all values that have a suggestion. Without this script each is chosen by itself.
(function () {
  "use strict";
  var all = document.querySelector("[data-pick-all]");
  if (!all) { return; }
  all.hidden = false;
  all.addEventListener("click", function () {
    document.querySelectorAll("input[name=pick][data-suggested]").forEach(function (box) { box.checked = true; });
  });
})();
