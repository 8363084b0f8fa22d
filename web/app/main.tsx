import { createRoot } from 'react-dom/client';
import '../ui/tokens.css';
import '../ui/base.css';
import { App } from './App.js';

createRoot(document.getElementById('page')!).render(<App />);
