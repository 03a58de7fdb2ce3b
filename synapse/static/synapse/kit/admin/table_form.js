// The form of a row: warns before unsaved work is left, lets a second click on Save do nothing, and brings what was
// typed back where signing in again stood between it and being saved.
"use strict";

(() => {
  const KEPT = "synapse-form:";
  const SECOND_CLICK_MILLISECONDS = 5000;
  // Their fields are made by the page; rows that were added to it are not brought back.
  const NOT_TYPED = /^(csrfmiddlewaretoken|.*-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS)$/;

  const state = (form) => {
    const sent = new FormData(form);
    sent.delete("csrfmiddlewaretoken");
    return JSON.stringify([...sent.entries()].filter(([, value]) => typeof value === "string"));
  };

  const keep = (form) => {
    try {
      sessionStorage.setItem(KEPT + location.pathname, state(form));
    } catch {
      // A browser without room keeps nothing; the form is sent all the same.
    }
  };

  const takeKept = () => {
    const key = KEPT + location.pathname;
    const kept = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return kept;
  };

  const giveBack = (form, kept) => {
    const texts = new Map(JSON.parse(kept));
    for (const field of form.elements) {
      if (!field.name || NOT_TYPED.test(field.name) || ["submit", "button", "file"].includes(field.type)) {
        continue;
      }
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = texts.get(field.name) === field.value;
      } else if (texts.has(field.name)) {
        const text = texts.get(field.name);
        if (field.type === "select-one" && ![...field.options].some((option) => option.value === text)) {
          field.add(new Option(text, text));
        }
        field.value = text;
      }
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };

  const offer = (form, kept) => {
    const box = document.createElement("div");
    box.className = "conflict-merges sheet";
    box.setAttribute("role", "status");
    const said = document.createElement("p");
    said.textContent = "What you typed here before was not saved: you had been signed out. ";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Put it back into the form";
    button.addEventListener("click", () => {
      giveBack(form, kept);
      box.remove();
    });
    said.append(button);
    box.append(said);
    form.prepend(box);
  };

  const begin = () => {
    const form = document.querySelector("#content-main form[method=post]");
    if (!form) {
      return;
    }
    const opened = form.querySelector(".errornote, .conflicts") ? "" : state(form);
    const kept = takeKept();
    if (kept && document.referrer.includes("/login/") && kept !== opened) {
      offer(form, kept);
    }
    let isSent = false;
    form.addEventListener("submit", (event) => {
      if (isSent) {
        event.preventDefault();
        return;
      }
      isSent = true;
      keep(form);
      // Whoever stopped the page while it was sent may send it again.
      setTimeout(() => {
        isSent = false;
      }, SECOND_CLICK_MILLISECONDS);
    });
    // Back in history the page comes as it was left, already sent.
    addEventListener("pageshow", () => {
      isSent = false;
    });
    addEventListener("beforeunload", (event) => {
      if (!isSent && state(form) !== opened) {
        event.preventDefault();
      }
    });
    document.getElementById("conflicts")?.focus();
  };

  begin();
})();
