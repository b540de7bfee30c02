// What a page leaves in its window: requests, timers, listeners, names, marks. All of it can be taken back, so that Stash
// starts in the window as in a new one. What the packages hold of the window, React's scheduler for one, they took before.

/** Milliseconds that what is asked may go without an answer. */
const PATIENCE = 10000;

const asked = new Set();
const timers = [];
const frames = [];
const listeners = [];
let isOpen = false;
let fresh = null;

function noted(promise) {
  asked.add(promise);
  const over = () => asked.delete(promise);
  promise.then(over, over);
  return promise;
}

const { fetch, setTimeout, setInterval, requestAnimationFrame } = window;
window.fetch = (...given) => {
  // What is over asks nothing any more, and hears nothing.
  if (!isOpen) return new Promise(() => {});
  return noted(
    fetch(...given).then((response) => {
      const text = response.text.bind(response);
      response.text = () => noted(text());
      return response;
    }),
  );
};
const keeping = (made, ids) => (...given) => {
  const id = made(...given);
  ids.push(id);
  return id;
};
window.setTimeout = keeping(setTimeout, timers);
window.setInterval = keeping(setInterval, timers);
window.requestAnimationFrame = keeping(requestAnimationFrame, frames);

// An element of the page goes with what listens to it, and with its marks; these stay.
const staying = [window, document, document.documentElement, document.head, document.body];

const { addEventListener } = EventTarget.prototype;
EventTarget.prototype.addEventListener = function (...given) {
  const target = this || window;
  if (staying.includes(target)) listeners.push([target, given]);
  return addEventListener.apply(target, given);
};

const isOfTheBrowsersDriver = (name) => /^__(playwright|pw)/.test(name);
const names = (target) => Object.getOwnPropertyNames(target).filter((one) => !isOfTheBrowsersDriver(one));

/** From here on all is the page's own, and is taken back by `clear`. */
export function open() {
  isOpen = true;
  if (fresh) return;
  listeners.length = 0;
  const functions = new Map(names(window).map((one) => [one, window[one]]).filter(([, is]) => typeof is === "function"));
  fresh = {
    names: new Map(staying.map((one) => [one, new Set(names(one))])),
    functions,
    head: new Set(document.head.children),
    title: document.title,
  };
}

/** Let nothing more be asked, and wait for the answers; false where one does not come. */
export async function close() {
  isOpen = false;
  let isLate = false;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => (isLate = true));
  while (asked.size && !isLate) {
    await Promise.race([Promise.allSettled(asked), late]);
    // Who waited for an answer reads it now.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return !isLate;
}

/** Take back what the page has left; false where something stays. */
export function clear() {
  for (const id of timers.splice(0)) clearTimeout(id);
  for (const id of frames.splice(0)) cancelAnimationFrame(id);
  for (const [target, [kind, listener, options]] of listeners.splice(0)) {
    target.removeEventListener(kind, listener, options);
  }
  localStorage.clear();
  sessionStorage.clear();
  for (const one of [...document.head.children]) if (!fresh.head.has(one)) one.remove();
  document.title = fresh.title;
  document.body.replaceChildren();
  for (const one of [document.documentElement, document.body]) {
    for (const { name } of [...one.attributes]) if (name !== "lang") one.removeAttribute(name);
  }
  window.getSelection().removeAllRanges();
  window.scrollTo(0, 0);
  for (const [name, was] of fresh.functions) if (window[name] !== was) window[name] = was;
  // React marks where it listens already, and would not listen there again.
  const added = (target) => names(target).filter((one) => !fresh.names.get(target).has(one));
  return staying.every((target) => added(target).every((one) => Reflect.deleteProperty(target, one)));
}
