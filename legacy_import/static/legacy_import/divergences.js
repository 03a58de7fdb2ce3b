// Ticks every field of the page at once, and lets Enter on a box tick it. Without this script they are ticked one by one,
// and Enter sends a form that decides nothing.
document.querySelectorAll('input[name="ticked"]').forEach((one) => {
    one.addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); one.checked = !one.checked; }
    });
});
document.querySelectorAll(".divergence-bulk").forEach((bar) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => {
        document.querySelectorAll('input[name="ticked"]').forEach((one) => { one.checked = box.checked; });
    });
    label.append(box, " Tick all on this page");
    bar.prepend(label);
});
