/* Small behaviours shared by all pages. Everything here is a comfort: every page works without it. */
(() => {
  // data-stepper: minus, number, plus.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const field = button.closest("[data-stepper]").querySelector("input");
    const wanted = (parseInt(field.value, 10) || 1) + parseInt(button.dataset.step, 10);
    field.value = Math.max(parseInt(field.min || "1", 10), Math.min(parseInt(field.max || "999", 10), wanted));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // data-autosubmit on a form or a field: sent as soon as something changes.
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && (event.target.hasAttribute("data-autosubmit") || form.hasAttribute("data-autosubmit"))) form.requestSubmit();
  });

  // data-recount on a field: its form is counted anew by its button “recount”.
  const recount = (form) => { const button = form.querySelector("button[name=recount]"); if (button) form.requestSubmit(button); };
  document.addEventListener("change", (event) => { if (event.target.hasAttribute("data-recount")) recount(event.target.form); });

  // data-locate: the position of whoever agrees, into the fields latitude and longitude.
  document.querySelectorAll("[data-locate]").forEach((box) => {
    if (!navigator.geolocation) return;
    box.hidden = false;
    box.querySelector("button").addEventListener("click", () => navigator.geolocation.getCurrentPosition((found) => {
      box.querySelector("[name=latitude]").value = found.coords.latitude.toFixed(6);
      box.querySelector("[name=longitude]").value = found.coords.longitude.toFixed(6);
      recount(box.closest("form"));
    }));
  });

  // data-confirm on a button: asks before it acts.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-confirm]");
    if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
  });

  // A form that was sent is not sent twice by an impatient thumb.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // <time data-countdown="seconds">: counted down every second from when the page came.
  const clocks = () => document.querySelectorAll("time[data-countdown]");
  const came = Date.now();
  const tick = () => clocks().forEach((one) => {
    const left = parseInt(one.dataset.countdown, 10) - Math.floor((Date.now() - came) / 1000);
    if (left <= 0) { one.textContent = one.dataset.over; return; }
    const two = (number) => String(number).padStart(2, "0");
    const days = Math.floor(left / 86400);
    const rest = two(Math.floor(left / 3600) % 24) + ":" + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
    one.textContent = one.dataset.left.replace("LEFT", (days ? one.dataset.days.replace("NUMBER", days) + " " : "") + rest);
  });
  if (clocks().length) { tick(); setInterval(tick, 1000); }

  // data-copy="text": copies it and says so with data-copied.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy;
    const label = button.textContent;
    const finish = () => { button.textContent = button.dataset.copied || "✓"; setTimeout(() => { button.textContent = label; }, 2000); };
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(finish); return; }
    const field = document.createElement("textarea");
    field.value = text; document.body.append(field); field.select(); document.execCommand("copy"); field.remove(); finish();
  });

  // data-picker: the price and stock of the chosen SKU; with two options or more, one row of buttons an option.
  document.querySelectorAll("form[data-picker]").forEach((form) => {
    const radios = [...form.querySelectorAll("input[type=radio][name=sku]")];
    if (!radios.length) return;
    const show = () => {
      const chosen = radios.find((radio) => radio.checked);
      if (!chosen) return;
      document.querySelector("[data-price]:not(input)").textContent = chosen.dataset.price;
      const before = document.querySelector("[data-compare]:not(input)");
      if (before) { before.textContent = chosen.dataset.compare || ""; before.hidden = !chosen.dataset.compare; }
      document.querySelectorAll("[data-tiers]").forEach((one) => { one.hidden = one.dataset.tiers !== chosen.value; });
      document.querySelectorAll("[data-of-sku]").forEach((one) => { one.hidden = one.dataset.ofSku !== chosen.value; });
      const member = document.querySelector("[data-member-line]");
      if (member) { member.hidden = !chosen.dataset.member; member.querySelector("[data-member-price]").textContent = chosen.dataset.member; }
      const stock = parseInt(chosen.dataset.stock, 10);
      document.querySelector("[data-stock]:not(input)").textContent = stock > 0 ? form.dataset.inStock.replace("NUMBER", stock) : form.dataset.soldOut;
    };
    form.addEventListener("change", show);
    const box = form.querySelector("[data-options]");
    if (box) {
      form.querySelector("[data-skus]").hidden = true;
      box.hidden = false;
      const groups = [...box.children].map((group) => [...group.querySelectorAll("[data-value]")]);
      const picked = (radios.find((radio) => radio.checked) || radios[0]).dataset.text.split(" · ");
      const find = (values) => radios.find((radio) => radio.dataset.text === values.join(" · "));
      const paint = () => groups.forEach((buttons, axis) => buttons.forEach((button) => {
        const here = picked[axis] === button.dataset.value;
        const match = find(picked.map((value, i) => (i === axis ? button.dataset.value : value)));
        button.setAttribute("aria-checked", here);
        button.tabIndex = here ? 0 : -1;
        button.setAttribute("aria-disabled", !match || match.disabled);
      }));
      const choose = (axis, value) => {
        picked[axis] = value;
        let match = find(picked);
        if (!match || match.disabled) { // keep the new choice, give way on the others
          match = radios.find((radio) => !radio.disabled && radio.dataset.text.split(" · ")[axis] === value) || match;
          if (match) match.dataset.text.split(" · ").forEach((part, i) => { picked[i] = part; });
        }
        if (match) { match.checked = !match.disabled; show(); }
        paint();
      };
      groups.forEach((buttons, axis) => buttons.forEach((button, place) => {
        button.addEventListener("click", () => choose(axis, button.dataset.value));
        button.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const next = buttons[(place + step + buttons.length) % buttons.length];
          choose(axis, next.dataset.value);
          next.focus();
        });
      }));
      paint();
    }
    show();
  });

  // form[data-sum]: the total of the ticked lines that belong to it.
  document.querySelectorAll("form[data-sum]").forEach((form) => {
    const boxes = [...document.querySelectorAll(`input[form="${form.id}"][data-amount]`)];
    const total = form.querySelector("[data-sum-total]");
    const button = form.querySelector("button");
    const show = () => {
      const fen = boxes.filter((box) => box.checked).reduce((sum, box) => sum + parseInt(box.dataset.amount, 10), 0);
      total.textContent = "¥" + (fen / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
      button.disabled = !boxes.some((box) => box.checked);
    };
    boxes.forEach((box) => box.addEventListener("change", show));
  });

  // Words that were searched for and found something: kept on this device alone (data-searched, data-search-history).
  const past = () => { try { return JSON.parse(localStorage.getItem("searched") || "[]"); } catch { return []; } };
  const keep = (words) => { try { localStorage.setItem("searched", JSON.stringify(words)); } catch { /* a private window keeps nothing */ } };
  const searched = document.querySelector("[data-searched]")?.dataset.searched;
  if (searched) keep([searched, ...past().filter((word) => word !== searched)].slice(0, 10));
  const history = document.querySelector("[data-search-history]");
  if (history && past().length) {
    history.hidden = false;
    history.querySelector("[data-words]").append(...past().map((word) => {
      const link = document.createElement("a");
      link.className = "btn btn-sm"; link.href = "/search?q=" + encodeURIComponent(word); link.textContent = word;
      return link;
    }));
    history.querySelector("[data-clear]").addEventListener("click", () => { keep([]); history.hidden = true; });
  }

  // data-say: spoken when it appears (a till says what has arrived). data-print on a button: prints the page.
  document.addEventListener("htmx:load", (event) => {
    const found = event.detail.elt.matches?.("[data-say]") ? event.detail.elt : event.detail.elt.querySelector?.("[data-say]");
    if (found && window.speechSynthesis && !found.dataset.said) {
      found.dataset.said = "1";
      const words = new SpeechSynthesisUtterance(found.dataset.say);
      words.lang = document.documentElement.lang;
      window.speechSynthesis.speak(words);
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });

  // [data-wechat]: WeChat's own payment window, inside WeChat.
  document.querySelectorAll("[data-wechat]").forEach((button) => {
    const pay = () => window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(button.dataset.wechat), (answer) => {
      if (answer.err_msg === "get_brand_wcpay_request:ok") window.location.assign(button.dataset.back);
    });
    button.addEventListener("click", () => {
      if (window.WeixinJSBridge) pay(); else document.addEventListener("WeixinJSBridgeReady", pay, { once: true });
    });
  });

  document.addEventListener("alpine:init", () => {
    // A button that copies text: <div x-data="copy" data-text="…"><button x-on:click="go">…</button></div>
    Alpine.data("copy", () => ({
      done: false,
      go() {
        navigator.clipboard?.writeText(this.$root.dataset.text);
        this.done = true;
        setTimeout(() => { this.done = false; }, 2000);
      },
    }));
  });
})();
