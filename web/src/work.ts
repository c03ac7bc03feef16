/** A page whose form does a proof of work before a message, and no other, has this script (README.md). */
import { find } from "./lib/page.js";
import { payloadOf, solveWork, workIn } from "./lib/work.js";

async function work(form: HTMLFormElement, field: HTMLInputElement): Promise<void> {
  const challenge = workIn(field.value);
  // Where it cannot be done, what stands there for pages without scripts holds: she waits.
  const solution = challenge && "subtle" in crypto ? await solveWork(challenge).catch(() => undefined) : undefined;
  if (!challenge || !solution) {
    for (const element of form.querySelectorAll<HTMLElement>("[data-work-wait]")) element.hidden = false;
    for (const element of form.querySelectorAll<HTMLElement>("[data-work-said]")) element.hidden = true;
    return;
  }
  field.value = payloadOf(challenge, solution);
  form.requestSubmit();
}

const form = find<HTMLFormElement>("form[data-work]");
const field = form && find<HTMLInputElement>("input[name=work]", form);
if (form && field) void work(form, field);
