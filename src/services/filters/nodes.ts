export { everyNode, type CompiledNodeFilter, type NodeTest } from '../../graph/filter/compiled.js';
export { compileNodeFilter } from '../../graph/filter/nodeFilter.js';
