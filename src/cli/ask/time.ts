/** The option that asks at an instant of the past. */
export const atOption = {
  type: 'text',
  placeholder: 'TIME',
  doc: 'at this instant: -5m, 2026-01-31T12:00:00Z, or milliseconds since 1970; now unless given',
} as const;
