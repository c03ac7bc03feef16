// Every page and state of the box office, and how an organizer gets there. The tests look at each, and `./dev screens`
// takes its picture.
import { onward } from "./organizer.mjs";

const denied = async (o) => {
  await o.onward();
  await o.visitor.press(".notme a");
  await o.visitor.press("main form .btn.bad");
  await o.comeBack();
  await o.page.locator("main .sheet a.btn.quiet").waitFor();
};

/// At step 3.
const atPayout = async (o) => {
  await o.go("/organizar");
  await o.account();
  await o.event();
};

/// `[name, reach, {error}]`; `error`: the console is to complain of a status.
export const officeStates = [
  ["office-home", (o) => o.go("/")],
  ["office-event", (o) => o.go("/eventos/1-noite-de-samba")],
  ["office-event-canceled", (o) => o.go("/eventos/3-cinema-na-praca")],
  ["office-event-sold-out", (o) => o.go("/eventos/2-festival-varanda")],
  ["office-account", (o) => o.go("/organizar/conta")],
  ["office-account-faults", async (o) => {
    await o.go("/organizar/conta");
    await o.account({ name: "", mobile: "(20) 98765-4321", document: "529.982.247-52", email: "oi" });
  }],
  ["office-cookies", async (o) => {
    await o.go("/organizar/conta");
    await o.page.context().clearCookies();
    await o.account();
  }],
  ["office-event-step", async (o) => {
    await o.go("/organizar");
    await o.account();
  }],
  ["office-event-faults", async (o) => {
    await o.go("/organizar");
    await o.account();
    await o.event({ event: "", venue: "", postal_code: "1310", lot1_price: "1,0,50", lot1_tickets: "1.5", lot2_name: "", lot2_price: "99999999" });
  }],
  ["office-payout", atPayout],
  ["office-payout-pix", async (o) => {
    await atPayout(o);
    await o.page.check("#kind");
  }],
  ["office-payout-bank", async (o) => {
    await atPayout(o);
    await o.page.check("#kind-bank");
  }],
  ["office-payout-choice", async (o) => {
    await atPayout(o);
    await o.bank({ bank: "banco do estado" });
  }],
  ["office-payout-digit", async (o) => {
    await atPayout(o);
    await o.bank({ account: "02366-2" });
  }],
  ["office-payout-faults", async (o) => {
    await atPayout(o);
    await o.bank({ bank: "Banco da Lua", branch: "1.5", account: "x" });
  }],
  ["office-payout-iban", async (o) => {
    await atPayout(o);
    await o.page.check("#kind-iban");
    await o.fill({ iban: "PT50 0002 0123 1234 5678 9015 5" });
    await o.onward();
  }],
  ["office-review", (o) => o.review()],
  ["office-review-changed", async (o) => {
    await o.review();
    await o.go("/organizar/revisao?changed=1");
  }],
  ["office-not-confirmed", async (o) => {
    await o.review();
    const review = await o.page.inputValue('input[name="review"]');
    await o.onward();
    await o.go(`/organizar/confirmacao/${review}`);
    await o.page.locator(onward).first().waitFor();
  }],
  ["office-given-up", async (o) => {
    await o.review();
    const review = await o.page.inputValue('input[name="review"]');
    await o.onward();
    await o.go(`/organizar/confirmacao/${review}`);
    await o.page.locator(".btn.quiet").waitFor();
    await o.visitor.press(".btn.quiet");
    await o.go(`/organizar/confirmacao/${review}`);
  }],
  ["office-denied-first", async (o) => {
    await o.review();
    await denied(o);
  }],
  ["office-confirmed", (o) => o.confirmed()],
  ["office-dashboard", async (o) => {
    await o.confirmed();
    await o.go("/organizar/painel");
  }],
  ["office-dashboard-app", async (o) => {
    await o.confirmed();
    await o.addApp();
    await o.go("/organizar/painel");
  }],
  ["office-change", async (o) => {
    await o.confirmed();
    await o.go("/organizar/repasse");
    await o.pix();
  }],
  ["office-changed", async (o) => {
    await o.confirmed();
    await o.changePayout();
  }],
  ["office-denied", async (o) => {
    await o.confirmed();
    await o.go("/organizar/repasse");
    await o.pix();
    await denied(o);
  }],
  ["office-paused", async (o) => {
    await o.confirmed();
    await o.go("/organizar/repasse");
    await o.pix();
    await denied(o);
    await o.go("/organizar/painel");
  }],
  ["office-not-found", (o) => o.go("/eventos/none"), { error: /404/ }],
];
