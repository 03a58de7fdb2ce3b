// Keeps the operator's pages up to date: asks for their living part every few seconds and changes what differs, so that
// the focus, what is open and what is typed stay. A hidden tab asks nothing. Without this script there is Refresh.
"use strict";

(() => {
  const live = document.getElementById("live");
  if (!live) {
    return;
  }
  const EVERY = 5000;
  const EVERY_WHILE_BUSY = 2000;
  const state = document.getElementById("live-state");
  const said = document.getElementById("live-said");
  let timer = 0;
  let stopped = false;
  let asking = false;
  let sending = false;

  // By the server's clock, as every time on the page.
  const clock = () => document.getElementById("live-root")?.dataset.clock ?? "";

  // What a person opened or closed is theirs.
  const isTheirs = (node, name) => node.nodeName === "DETAILS" && name === "open";

  const setAttributes = (old, fresh) => {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !isTheirs(old, name)) {
        old.removeAttribute(name);
      }
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !isTheirs(old, name)) {
        old.setAttribute(name, value);
      }
    }
  };

  const isSame = (one, other) =>
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");

  const change = (old, fresh) => {
    if (old.nodeType === Node.ELEMENT_NODE) {
      setAttributes(old, fresh);
      changeChildren(old, fresh);
    } else if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
  };

  const changeChildren = (old, fresh) => {
    let place = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      // What has an id is found wherever it stands now, so that a card that went takes no other's place.
      const known = wanted.id ? [...old.children].find((one) => one.id === wanted.id && isSame(one, wanted)) : place;
      if (known && isSame(known, wanted)) {
        while (wanted.id && place !== known) {
          const passed = place;
          place = place.nextSibling;
          if (!passed.id || !fresh.querySelector(`#${CSS.escape(passed.id)}`)) {
            passed.remove();
          } else {
            known.after(passed);
          }
        }
        place = known.nextSibling;
        change(known, wanted);
      } else {
        old.insertBefore(wanted, place);
      }
    }
    while (place) {
      const passed = place;
      place = place.nextSibling;
      passed.remove();
    }
  };

  const announcements = () =>
    new Map([...live.querySelectorAll("[data-announce]")].map((one) => [one.id, one.dataset.announce]));

  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("live-root");
    const root = document.getElementById("live-root");
    if (!fresh || !root) {
      throw new Error("no living part came");
    }
    const before = announcements();
    const focused = document.activeElement?.id;
    change(root, fresh);
    if (focused && document.activeElement?.id !== focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    const news = [...announcements()].filter(([id, words]) => before.get(id) !== words).map(([, words]) => words);
    if (news.length) {
      said.textContent = news.join(". ");
    }
  };

  const ask = async () => {
    if (asking || sending) {
      return;
    }
    asking = true;
    try {
      const answer = await fetch(live.dataset.from, { credentials: "same-origin", cache: "no-store" });
      if (answer.redirected || answer.status === 403) {
        stopped = true;
        state.textContent = "You are signed out, or may not look at this any more. Press Refresh.";
      } else if (answer.ok) {
        const html = await answer.text();
        if (!sending) {
          show(html);
          state.textContent = `As of ${clock()}, by itself every few seconds.`;
        }
      } else {
        state.textContent = `As of ${clock()}: since then the server answered ${answer.status}; it is asked again.`;
      }
    } catch {
      state.textContent = `As of ${clock()}: since then there is no answer from the server; it is asked again.`;
    } finally {
      asking = false;
      plan();
    }
  };

  const plan = () => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) {
      const isBusy = document.getElementById("live-root")?.dataset.busy;
      timer = setTimeout(ask, isBusy ? EVERY_WHILE_BUSY : EVERY);
    }
  };

  const addSwitch = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Hold still";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      stopped = !stopped;
      button.setAttribute("aria-pressed", String(stopped));
      if (stopped) {
        clearTimeout(timer);
        state.textContent = `As of ${clock()}, held still.`;
      } else {
        ask();
      }
    });
    state.parentElement.append(button);
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
    } else if (!stopped) {
      ask();
    }
  });
  // A form on its way takes the page along: nothing may change beneath it.
  document.addEventListener("submit", () => {
    sending = true;
  });
  window.addEventListener("pageshow", () => {
    sending = false;
    plan();
  });
  addSwitch();
  plan();
})();
