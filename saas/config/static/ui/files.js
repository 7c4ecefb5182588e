// unfold writes the name of a chosen file into the first text field near by, which in our forms is a field of its own.
// Only unfold's own widget has one for that: disabled. The mark is unfold's; it looks for it when the page has loaded.
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll("input[type=file]")) {
    const near = input.parentNode.parentNode.parentNode.querySelector("input[type=text]");
    input.hasChangeListener = !near?.disabled;
  }
});
