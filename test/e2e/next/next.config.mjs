/** Nothing that this package asks for: the app is in a folder of a repository with packages of its own. */
export default { turbopack: { root: import.meta.dirname } };
