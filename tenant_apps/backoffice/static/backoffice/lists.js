// Lists that depend on one another: choosing a province brings its cities. Without this, the button does it.
document.querySelectorAll("select[data-lists]").forEach((select) => {
  select.addEventListener("change", () => { select.form.querySelector("button[value=lists]").click(); });
});
