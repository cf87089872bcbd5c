import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe, { type AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { kitFacts } from "../../../components/kit/kit-facts.ts";
import { renderKitFiles } from "../../../components/kit/kit-files.ts";
import { renderPage } from "../../../components/kit/page/page.ts";
import { exampleDescription } from "../../kit/example-kit.ts";
import { describeWithBrowser, startBrowser } from "../support/browser.ts";

const FACTS = kitFacts({ customer: "acme", description: exampleDescription("acme.ssh.example.com"), client: "dr-site" });
const FILES = renderKitFiles(FACTS);
const TABS = ["Linux", "macOS", "Windows", "Docker", "Kubernetes"];
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
const LOOKS = [
  { look: "desktop-light", viewport: DESKTOP, colorScheme: "light" },
  { look: "desktop-dark", viewport: DESKTOP, colorScheme: "dark" },
  { look: "phone-light", viewport: PHONE, colorScheme: "light" },
  { look: "phone-dark", viewport: PHONE, colorScheme: "dark" },
] as const;

describeWithBrowser("the page of a kit, in a browser", () => {
  let folder: string;
  /** Where whoever wants to look at the pictures has them kept. */
  let screenshots: string;
  let url: string;
  let browser: Browser;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kit-page-"));
    screenshots = process.env.KIT_SCREENSHOTS ?? folder;
    const file = join(folder, "index.html");
    url = pathToFileURL(file).href;
    writeFileSync(file, renderPage(FACTS, FILES));
    mkdirSync(screenshots, { recursive: true });
    browser = await startBrowser();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    if (screenshots !== folder) console.log(`screenshots are in ${screenshots}`);
  });

  async function open(options: BrowserContextOptions = {}, before: (page: Page) => Promise<unknown> = async () => {}): Promise<Page> {
    const context = await browser.newContext({ viewport: DESKTOP, permissions: ["clipboard-read", "clipboard-write"], ...options });
    const page = await context.newPage();
    requests = [];
    complaints = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    await before(page);
    await page.goto(url);
    return page;
  }

  const tab = (page: Page, name: string): Locator => page.getByRole("tab", { name, exact: true });
  const selected = (page: Page): Promise<string[]> => page.getByRole("tab", { selected: true }).allTextContents();
  const panels = (page: Page): Promise<string[]> => page.locator(".tabs > section:visible").evaluateAll((all) => all.map(({ id }) => id));

  test.each(LOOKS)(
    "$look: one request, no complaint, nothing to scroll to the side, no violation of accessibility",
    async ({ look, ...options }) => {
      const page = await open(options);
      await page.screenshot({ path: join(screenshots, `${look}.png`), fullPage: true });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
      for (const name of TABS) {
        await tab(page, name).click();
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
      }
      await openDetails(page);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport.width);
      expect(requests).toEqual([url]);
      expect(complaints).toEqual([]);
    },
  );

  test("the tabs are one stop of the keyboard, and arrows, Home and End go between them", async () => {
    const page = await open();
    expect(await page.getByRole("tab").allTextContents()).toEqual(TABS);
    expect([await selected(page), await panels(page)]).toEqual([["Linux"], ["linux"]]);
    await tab(page, "Linux").focus();
    for (const [key, name] of [
      ["ArrowRight", "macOS"],
      ["End", "Kubernetes"],
      ["ArrowRight", "Linux"],
      ["ArrowLeft", "Kubernetes"],
      ["Home", "Linux"],
      ["ArrowRight", "macOS"],
      ["ArrowRight", "Windows"],
    ] as const) {
      await page.keyboard.press(key);
      expect([await selected(page), await panels(page)], key).toEqual([[name], [name.toLowerCase()]]);
      expect(await page.evaluate("document.activeElement.textContent"), key).toBe(name);
    }
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.id")).toBe("windows");
    await page.keyboard.press("Shift+Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Windows");
  });

  test("a link can name a tab", async () => {
    const page = await open();
    await page.goto(`${url}#docker`);
    expect([await selected(page), await panels(page)]).toEqual([["Docker"], ["docker"]]);
  });

  test("every button copies exactly its command", async () => {
    const page = await open();
    const copied = await eachCopied(page, async (button) => {
      await page.evaluate("navigator.clipboard.writeText('nothing')");
      await button.click();
      await button.and(page.locator("[data-copied]")).waitFor();
      return page.evaluate("navigator.clipboard.readText()");
    });
    expect(copied).toEqual(await page.locator(".command code").allTextContents());
    expect(copied.length).toBe(32 + FILES.length);
    expect(copied.slice(-FILES.length)).toEqual(FILES.map(({ content }) => content));
    expect(await page.getByRole("status").textContent()).toBe("Copied.");
  });

  test("without the clipboard's API as well", async () => {
    const page = await open({}, (page) =>
      page.addInitScript("globalThis.clipboard = navigator.clipboard; Object.defineProperty(navigator, 'clipboard', { value: undefined })"),
    );
    const copied = await eachCopied(page, async (button) => {
      await page.evaluate("clipboard.writeText('nothing')");
      await button.click();
      await button.and(page.locator("[data-copied]")).waitFor();
      return page.evaluate("clipboard.readText()");
    });
    expect(copied).toEqual(await page.locator(".command code").allTextContents());
    expect(await page.getByRole("status").textContent()).toBe("Copied.");
  });

  test("where nothing may be copied, the command is left selected", async () => {
    const page = await open({}, (page) =>
      page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;"),
    );
    await page.locator(".copy").first().click();
    expect(await page.locator(".copy").first().textContent()).toBe("Selected");
    expect(await page.evaluate("getSelection().toString()")).toBe("acme.ssh.example.com:2222");
  });

  test("without JavaScript everything is there, and no button that would do nothing", async () => {
    const page = await open({ javaScriptEnabled: false });
    await expectAllTabs(page);
  });

  test("on paper everything is there, and no button", async () => {
    const page = await open();
    await page.emulateMedia({ media: "print" });
    await page.screenshot({ path: join(screenshots, "print.png"), fullPage: true });
    await expectAllTabs(page);
    expect(await page.locator(".files").isVisible()).toBe(false);
  });

  async function expectAllTabs(page: Page): Promise<void> {
    for (const name of TABS) {
      expect(await page.locator(`#${name.toLowerCase()}`).isVisible()).toBe(true);
      expect(await page.getByRole("heading", { name, exact: true }).isVisible()).toBe(true);
    }
    expect(await page.locator("button:visible").count()).toBe(0);
  }

  test("names are text to a browser, too", async () => {
    const nasty = "<img src=x onerror=alert(1)>\"'&lt;<script>alert(2)</script>";
    writeFileSync(
      join(folder, "nasty.html"),
      renderPage({ ...FACTS, client: nasty, keyFile: nasty }, [{ path: nasty, content: `${nasty}\r\n`, mode: 0o644 }]),
    );
    const page = await open();
    requests = [];
    const nastyUrl = pathToFileURL(join(folder, "nasty.html")).href;
    await page.goto(nastyUrl);
    expect(await page.locator(".kicker").textContent()).toBe(`Connection kit of acme, for ${nasty}`);
    expect(await page.locator("summary").textContent()).toBe(nasty);
    expect(await page.locator("details pre code").textContent()).toBe(`${nasty}\r\n`);
    expect([requests, complaints]).toEqual([[nastyUrl], []]);
  });
});

/** Presses every button that copies, and gives what was copied. */
async function eachCopied(page: Page, copy: (button: Locator) => Promise<unknown>): Promise<unknown[]> {
  await openDetails(page);
  const copied: unknown[] = [];
  for (const command of await page.locator(".command").all()) {
    const panel = command.locator("xpath=ancestor::*[@role='tabpanel']");
    if ((await panel.count()) > 0) await page.locator(`#${await panel.getAttribute("aria-labelledby")}`).click();
    copied.push(await copy(command.getByRole("button")));
  }
  return copied;
}

async function openDetails(page: Page): Promise<void> {
  await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
}

/** What axe-core finds wrong with a part of the page: rules and places. */
async function violations(page: Page, part = "html"): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(`axe.run("${part}")`)) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
