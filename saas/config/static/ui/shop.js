/* Small behaviours shared by all pages. Everything here is a comfort: every page works without it. */
document.addEventListener("alpine:init", () => {
  // A button that copies text: <div x-data="copy" data-text="…"><button x-on:click="go">…</button></div>
  Alpine.data("copy", () => ({
    done: false,
    go() {
      const text = this.$root.dataset.text;
      const finish = () => { this.done = true; setTimeout(() => { this.done = false; }, 2000); };
      if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(finish); return; }
      const field = document.createElement("textarea");
      field.value = text; document.body.append(field); field.select(); document.execCommand("copy"); field.remove(); finish();
    },
  }));
  // A count that a form posts: minus, number, plus.
  Alpine.data("stepper", () => ({
    less() { this.change(-1); },
    more() { this.change(1); },
    change(by) {
      const field = this.$refs.number;
      const wanted = (parseInt(field.value, 10) || 1) + by;
      field.value = Math.max(parseInt(field.min || "1", 10), Math.min(parseInt(field.max || "999", 10), wanted));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    },
  }));
});
