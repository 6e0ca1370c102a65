/** Errors in a form, each shown at its field. */

import { ApiError } from "./api.js";
import { busy, h } from "./dom.js";

let made = 0;

/**
 * Send a form once it is complete. What is missing is said in the page's words, not in the browser's.
 *
 * @param {HTMLFormElement} form whose fields are named as in the API.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} work
 */
export function onSubmit(form, button, work) {
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clear(form);
    const missing = [...form.elements].find((field) => field.willValidate && !field.validity.valid);
    if (missing) showRefusal(form, new ApiError(400, "required", "", missing.name));
    else busy(button, work);
  });
}

/** Show an error of the server. @param {ApiError} error */
export function showRefusal(form, error) {
  refuse(form, error.field, error.words);
}

/**
 * Show an error.
 *
 * @param {HTMLFormElement} form
 * @param {string|null} name of the field; an error about no field of the form stands at its foot.
 * @param {string} text
 */
export function refuse(form, name, text) {
  clear(form);
  made += 1;
  const problem = h("p.problem", { id: `problem-${made}`, role: "alert" }, text);
  const field = name ? form.elements.namedItem(name) : null;
  if (field === null) {
    const actions = form.querySelector(".sheet-actions");
    if (actions) actions.before(problem);
    else form.append(problem);
  } else {
    const element = field instanceof RadioNodeList ? field[0].closest("fieldset") : field;
    if (element.matches("fieldset")) element.append(problem);
    else (element.closest(".row") ?? element).after(problem);
    mark(element, problem.id);
  }
  problem.scrollIntoView({ block: "center" }); // at an edge of the window something may cover it
}

function mark(element, problemId) {
  element.setAttribute("aria-invalid", "true");
  element.dataset.described = element.getAttribute("aria-describedby") ?? "";
  element.setAttribute("aria-describedby", `${element.dataset.described} ${problemId}`.trim());
  const first = element.matches("fieldset") ? element.querySelector("input, button") : element;
  first?.focus({ preventScroll: true });
}

/** Remove the errors. */
export function clear(form) {
  for (const problem of form.querySelectorAll("p.problem[role=alert]")) problem.remove();
  for (const element of form.querySelectorAll("[aria-invalid]")) {
    element.removeAttribute("aria-invalid");
    if (element.dataset.described) element.setAttribute("aria-describedby", element.dataset.described);
    else element.removeAttribute("aria-describedby");
    delete element.dataset.described;
  }
}
