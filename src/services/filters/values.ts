export { badValue } from '../../graph/filter/badValue.js';
