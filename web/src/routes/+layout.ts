// One page for all paths: it is built into the program and asks the API for everything.
export const ssr = false;
export const prerender = false;
