// What the theme lets only a mouse click is made a button: reached by Tab, pressed by Enter or Space, named, and told
// whether what it opens is open. It has to happen before the theme's own script reads the page.
"use strict";

(() => {
  const NATIVE = "a[href], button, input, select, textarea, label, summary";
  const SIGNS = ".material-symbols-outlined";
  const ONLY_FOR_THE_MOUSE = "#changelist-filter-close";
  // What stands in the click: a name where the thing shows but a sign, and the switch where it opens something.
  const KNOWN = [
    ["openTheme =", "Light or dark", "openTheme"],
    ["openUserLinks", "", "openUserLinks"],
    ["opencommand", "Search", ""],
    ["sidebarMobileOpen", "Menu", "sidebarMobileOpen"],
    ["sidebarDesktopOpen", "Menu", "sidebarDesktopOpen"],
    ["openTabsDropdown", "More tabs", "openTabsDropdown"],
    ["actionDropdownOpen", "More", "actionDropdownOpen"],
    ["openRelatedWidgetWrapper", "More about this choice", "openRelatedWidgetWrapper"],
    ["openModal = false", "Close", ""],
    ["showPassword", "Show the password", ""],
  ];
  const NAMELESS = [
    ["#search-input-command, #command-submit, #searchbar-submit", "Search"],
    ["#nav-sidebar a:has(> .material-symbols-outlined:only-child)", "Front page"],
  ];
  const THEMES = /(?:adminTheme = |switchTheme\()'(\w+)'/;

  const makeButton = (thing) => {
    const click = thing.getAttribute("x-on:click");
    const [, name, state] = KNOWN.find(([part]) => click.includes(part)) ?? ["", "", ""];
    thing.setAttribute("role", "button");
    thing.setAttribute("tabindex", "0");
    thing.setAttribute("x-on:keydown.enter.self.prevent", "$el.click()");
    thing.setAttribute("x-on:keydown.space.self.prevent", "$el.click()");
    if (name) {
      thing.setAttribute("aria-label", name);
    }
    if (state) {
      thing.setAttribute("x-bind:aria-expanded", state);
      if (state !== "sidebarDesktopOpen") {
        thing.setAttribute("x-on:keydown.escape.window", `${state} = false`);
      }
    }
    const theme = click.match(THEMES);
    if (theme) {
      thing.setAttribute("x-bind:aria-pressed", `adminTheme == '${theme[1]}'`);
    }
    if (click.includes("showPassword")) {
      thing.setAttribute("x-bind:aria-pressed", "showPassword");
    }
  };

  // Its signs are words to a screen reader: "expand_more".
  const silence = (sign) => {
    if (!sign.hasAttribute("aria-label") && !sign.hasAttribute("role")) {
      sign.setAttribute("aria-hidden", "true");
    }
  };

  // A yes or no in a list is a sign alone, with its word in a title.
  const speak = (box) => {
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", box.title);
  };

  const mend = (root) => {
    for (const thing of root.querySelectorAll("[x-on\\:click]")) {
      if (!thing.matches(NATIVE) && !thing.matches(ONLY_FOR_THE_MOUSE)) {
        makeButton(thing);
      }
    }
    root.querySelectorAll("div[title]:has(> .material-symbols-outlined:only-child)").forEach(speak);
    root.querySelectorAll(SIGNS).forEach(silence);
    for (const [selector, name] of NAMELESS) {
      root.querySelectorAll(selector).forEach((thing) => thing.setAttribute("aria-label", name));
    }
    root.querySelectorAll("template").forEach((template) => mend(template.content));
  };

  // Past the sidebar's forty lines.
  const leadToContent = () => {
    const content = document.getElementById("content");
    if (!content || !document.getElementById("nav-sidebar")) {
      return;
    }
    content.setAttribute("tabindex", "-1");
    const way = document.createElement("a");
    way.href = "#content";
    way.className = "skip-link";
    way.textContent = "To the page's content";
    document.body.prepend(way);
  };

  // The theme hides the page until its script has run, and a browser passes over what is hidden.
  const focusFirst = () => {
    if (document.activeElement === document.body) {
      document.querySelector("[autofocus]")?.focus();
    }
  };

  document.addEventListener("htmx:afterSwap", () => document.querySelectorAll(SIGNS).forEach(silence));
  document.addEventListener("DOMContentLoaded", leadToContent);
  document.addEventListener("alpine:initialized", () => setTimeout(focusFirst));
  document.addEventListener("alpine:init", () => mend(document));
})();
