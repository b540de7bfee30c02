// Patching as Stash does it: every patched function runs its before, instead and after functions, and catches nothing.

export const components = {};

const patches = { before: {}, instead: {}, after: {} };

let own = {};

/** From here on what is registered and patched is a plugin's, and `reset` undoes it. */
export function keep() {
  own = { ...components };
}

/** Stash as it is before the first plugin. */
export function reset() {
  for (const kind in patches) patches[kind] = {};
  for (const name in components) delete components[name];
  Object.assign(components, own);
}

function adder(kind) {
  return (name, patch) => {
    (patches[kind][name] = patches[kind][name] || []).push(patch);
  };
}

export const before = adder("before");
export const instead = adder("instead");
export const after = adder("after");

export function registerComponent(name, component) {
  if (components[name]) throw new Error(`Component ${name} has already been registered`);
  components[name] = component;
  return component;
}

/** Run one instead function, which is handed what the next one, or the function itself, is called by. */
function replaced(name, position, target) {
  const chain = patches.instead[name] || [];
  if (position >= chain.length) return target;
  return (...given) => chain[position](...given, replaced(name, position + 1, target));
}

export function patchFunction(name, target) {
  return (...given) => {
    let args = given;
    // What a before function returns is spread as arguments: undefined throws, as in Stash.
    for (const patch of patches.before[name] || []) args = patch(...args);
    let result = replaced(name, 0, target)(...args);
    for (const patch of patches.after[name] || []) result = patch(...args, result);
    return result;
  };
}

export function patchComponent(name, component) {
  return registerComponent(name, patchFunction(name, component));
}
