// Pictures go straight into the bucket: ask for a signed form each, send the file, then submit the ids in place of the files.
document.querySelectorAll("form[data-direct]").forEach((form) => {
  form.addEventListener("submit", async (event) => {
    const input = form.querySelector("input[type=file]");
    if (!input.files.length) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      for (const file of [...input.files]) {
        const ask = new FormData();
        ask.append("content_type", file.type);
        ask.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        const begun = await fetch(form.dataset.direct, { method: "POST", body: ask });
        if (!begun.ok) throw new Error(form.dataset.failed);
        const { upload, url, fields } = await begun.json();
        const body = new FormData();
        Object.entries(fields).forEach(([name, value]) => body.append(name, value));
        body.append("file", file);
        const sent = await fetch(url, { method: "POST", body, mode: "cors" });
        if (!sent.ok) throw new Error(form.dataset.failed);
        const hidden = document.createElement("input");
        hidden.type = "hidden";
        hidden.name = `${input.name}_upload`;
        hidden.value = `${upload}:${file.type}`;
        form.append(hidden);
      }
      input.disabled = true;
      form.submit();
    } catch (error) {
      button.disabled = false;
      form.querySelectorAll("input[type=hidden][name$=_upload]").forEach((one) => one.remove());
      alert(form.dataset.failed);
    }
  });
});
