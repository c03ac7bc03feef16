// An organizer of events at the box office, with the hosted pages between its steps: the site as a process of its own
// beside the suites' server, what she types, and how she proves that it is her.
import { BoxOffice } from "../../contract/support/box_office.mjs";
import { totp } from "./app.mjs";
import { Visitor } from "./browser.mjs";
import { world } from "./world.mjs";

let made;
/// One for all; it ends before its world does.
export const site = () => (made ??= world().then(({ server }) => BoxOffice.start(server)));
export const endSite = async () => made && (await made).stop();

export const onward = "main form button.btn";

export const kAccount = { name: "Casa do Samba Ltda", document: "12ABC34501DE35", email: "oi@casa.example" };
export const kEvent = { event: "Noite de Samba", date: "2099-06-24", time: "20:00", venue: "Galpão das Artes, São Paulo", postal_code: "01310100",
  lot1_name: "Pista", lot1_price: "80,00", lot1_tickets: "200", lot2_name: "Meia-entrada", lot2_price: "40,00", lot2_tickets: "80" };

export class Organizer {
  constructor(visitor, app) {
    this.visitor = visitor;
    this.page = visitor.page;
    this.app = app;
    this.person = app.person();
    this.codes = 0;
  }

  /// For as long as `work` takes. What her browser complained of fails the test; she goes to Countersign's pages and
  /// back, so both addresses are no surprise.
  static async meet(options, work) {
    const { server, app } = await world();
    const office = await site();
    const visitor = await Visitor.arrive({ url: office.url }, options);
    try {
      await work(new Organizer(visitor, app), office);
    } catch (error) {
      error.message += `\nat ${visitor.page.url()}\nthe browser: ${visitor.complaints.join("\n")}`;
      await visitor.context.close();
      throw error;
    }
    visitor.complaints = visitor.complaints.filter((one) => !one.startsWith(`asked http://localhost:${server.port}/`));
    await visitor.leave();
  }

  go(path) {
    return this.visitor.go(path);
  }
  onward() {
    return this.visitor.press(onward);
  }
  async fill(values) {
    for (const [id, value] of Object.entries(values)) await this.page.fill(`#${id}`, value);
  }

  async account(changes = {}) {
    await this.fill({ ...kAccount, mobile: this.person.phone.slice(3), ...changes });
    await this.onward();
  }
  async event(changes = {}) {
    const second = this.page.locator("details.more").first();
    if ((await second.getAttribute("open")) === null) await second.locator("summary").click();
    await this.fill({ ...kEvent, ...changes });
    await this.onward();
  }
  async bank(changes = {}) {
    await this.page.check("#kind-bank");
    await this.fill({ bank: "341", branch: "2545", account: "02366-1", ...changes });
    await this.page.check("#account_type");
    await this.onward();
  }
  async pix(key = "123E4567E89B12D3A456426655440000", kind = "#pix_kind-random") {
    await this.page.check("#kind");
    await this.page.check(kind);
    await this.fill({ pix_key: key });
    await this.onward();
  }
  /// At the review of a first account.
  async review() {
    await this.go("/organizar");
    await this.account();
    await this.event();
    await this.bank();
  }

  /// On the hosted pages: ask for the code where it was not sent yet, by SMS where there are several ways, and type it.
  async prove() {
    const bySms = "ul.ways button.way:has-text('SMS')";
    if ((await this.page.locator("#code").count()) === 0)
      await ((await this.page.locator(bySms).count()) === 0 ? this.onward() : this.visitor.press(bySms));
    await this.visitor.type(await this.app.code(this.person.phone, ++this.codes));
    await this.onward();
  }
  async comeBack() {
    await this.page.locator("main .row a.btn").first().click();
    await this.page.waitForURL(/\/organizar\/confirmacao\//);
    await this.page.locator("main .sheet").waitFor();
  }
  /// With an account that is confirmed, on its page.
  async confirmed() {
    await this.review();
    await this.onward();
    await this.prove();
    await this.comeBack();
    await this.page.locator("main .tag.ok").waitFor();
  }
  /// Another account for payouts, confirmed, on its page.
  async changePayout() {
    await this.go("/organizar/repasse");
    await this.pix();
    await this.onward();
    await this.prove();
    await this.comeBack();
    await this.page.locator("main .tag.ok").waitFor();
  }
  /// Adds an authenticator app on the hosted pages, from the dashboard.
  async addApp() {
    await this.go("/organizar/painel");
    await this.visitor.press("#seguranca button");
    await this.prove();
    await this.onward();
    await this.visitor.type(totp((await this.page.innerText("#key")).replace(/\s/g, "")));
    await this.onward();
  }
}
