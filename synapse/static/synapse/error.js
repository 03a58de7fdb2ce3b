// Light or dark as the person chose it in the theme, which remembers the choice in the browser.
"use strict";

try {
  const theme = JSON.parse(localStorage.getItem("adminTheme"));
  if (theme === "light" || theme === "dark") {
    document.documentElement.classList.add(theme);
  }
} catch {
  // A browser that keeps nothing shows what the system prefers.
}
