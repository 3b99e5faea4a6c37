import { mount } from 'svelte';
import './app.css';
import Page from './Page.svelte';
import { applyTheme } from './lib/theme.svelte';

applyTheme();
mount(Page, { target: document.getElementById('app')! });
