#!/usr/bin/env node
import { run } from './run.js';
import { processTerminal } from './terminal.js';

// The code is only noted, so that what is still being written reaches its reader; nothing else keeps the process alive.
process.exitCode = await run(process.argv.slice(2), processTerminal());
