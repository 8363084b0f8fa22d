import { useEffect, useState } from 'react';

/** The value once it has been the same for so many milliseconds: a question is not asked with every letter. Values are compared as JSON. */
export function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
    // The key says all of the value.
  }, [key, ms]);
  return settled;
}
