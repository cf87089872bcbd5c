/* What the page can do beyond being read: tabs, and buttons that copy. Without it, everything is visible. */

const COPIED_MS = 2000;

for (const tabs of document.querySelectorAll(".tabs")) showAsTabs(tabs);
for (const command of document.querySelectorAll(".command")) addCopyButton(command);

/** Tabs as the ARIA Authoring Practices describe them: one stop for Tab, arrows between them. */
function showAsTabs(tabs) {
  const panels = [...tabs.children];
  const list = document.createElement("div");
  list.className = "tablist";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", tabs.dataset.label);
  const buttons = panels.map((panel) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `${panel.id}-tab`;
    button.textContent = panel.querySelector("h3").textContent;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    panel.tabIndex = 0;
    list.append(button);
    return button;
  });
  const select = (chosen) => {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(button === chosen));
      button.tabIndex = button === chosen ? 0 : -1;
      panels[index].hidden = button !== chosen;
    });
  };
  const selectNamed = () => {
    const named = panels.findIndex((panel) => `#${panel.id}` === location.hash);
    if (named >= 0) select(buttons[named]);
  };
  for (const button of buttons) button.addEventListener("click", () => select(button));
  list.addEventListener("keydown", (event) => {
    const next = indexAfterKey(event.key, buttons.indexOf(document.activeElement), buttons.length);
    if (next === undefined) return;
    event.preventDefault();
    select(buttons[next]);
    buttons[next].focus();
  });
  tabs.prepend(list);
  select(buttons[0]);
  selectNamed();
  addEventListener("hashchange", selectNamed);
}

function indexAfterKey(key, index, count) {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowLeft":
      return (index + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
  }
}

function addCopyButton(command) {
  const code = command.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${code.textContent.split("\n")[0]}`);
  button.addEventListener("click", async () => {
    const copied = await copy(code);
    show(button, copied ? "Copied" : "Selected");
    announce(copied ? "Copied." : "Selected. Press Control C, or Command C, to copy.");
  });
  command.classList.add("copyable");
  command.append(button);
}

/** Copies exactly the text; where the browser does not let us, it is left selected. */
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return copySelected(code.textContent);
  }
}

/** The older way. Of a selection by itself, the last end of line would be missing. */
function copySelected(text) {
  const put = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", put, { once: true });
  const copied = document.execCommand("copy");
  document.removeEventListener("copy", put);
  return copied;
}

function show(button, text) {
  button.textContent = text;
  button.dataset.copied = "";
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    button.textContent = "Copy";
    delete button.dataset.copied;
  }, COPIED_MS);
}

function announce(text) {
  document.getElementById("announcement").textContent = text;
}
