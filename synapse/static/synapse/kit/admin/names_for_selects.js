// The search field of a related row is built by a script that gives it no name of its own: take its label's.
"use strict";

(() => {
  const nameSelect = (select) => {
    const box = select.parentElement?.querySelector(".select2-selection");
    const label = select.labels?.[0]?.textContent.trim() || select.getAttribute("aria-label");
    if (!box || !label || box.hasAttribute("aria-label")) {
      return;
    }
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", label);
    // What is chosen is a text box to it, without a name while nothing is chosen.
    box.querySelector("[role=textbox]")?.setAttribute("aria-label", label);
  };

  // Selects are dressed some time after the page came, and those of a new inline row when it is added.
  const nameSelects = () => document.querySelectorAll("select.admin-autocomplete").forEach(nameSelect);
  document.addEventListener("DOMContentLoaded", () => {
    nameSelects();
    new MutationObserver(nameSelects).observe(document.body, { childList: true, subtree: true });
  });
})();
