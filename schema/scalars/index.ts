export { Base64 } from './base64.js';
export { Counter } from './counter.js';
export { Cursor } from './cursor.js';
export { DateTime } from './dateTime.js';
export { Duration } from './duration.js';
export { JSONValue } from './json.js';
export { CIDR, IPAddress, MAC } from './network.js';
