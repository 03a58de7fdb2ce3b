// Ticks every field of the page at once; without this script they are ticked one by one.
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
