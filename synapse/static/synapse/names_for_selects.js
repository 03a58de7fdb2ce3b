// The search field of a related row is built by a script that gives it no name of its own: take its label's.
const nameSelects = () => {
    document.querySelectorAll("select.admin-autocomplete").forEach((select) => {
        const box = select.parentElement?.querySelector(".select2-selection");
        const label = select.labels?.[0]?.textContent.trim() || select.getAttribute("aria-label");
        if (box && label && !box.hasAttribute("aria-label")) {
            box.removeAttribute("aria-labelledby");
            box.setAttribute("aria-label", label);
        }
    });
};
window.addEventListener("load", nameSelects);
document.addEventListener("formset:added", () => setTimeout(nameSelects));
