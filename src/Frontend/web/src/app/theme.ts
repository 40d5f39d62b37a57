import { Alert, createTheme, Modal, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** The accent; index 7 on white and 4 on black pass AA. */
const accent: MantineColorsTuple = ['#eaf2ff', '#d3e3fd', '#a6c5f8', '#77a6f3', '#5590ee', '#3f81e8', '#2f6fd6', '#235bb5', '#1a4a96', '#113a7a'];

/** Greys of the dark scheme, a little blue; the page's own ground is index 7. */
const dark: MantineColorsTuple = ['#dbe0e6', '#b4bcc6', '#8b95a1', '#6b7581', '#3d4551', '#2b323c', '#1e242c', '#14181f', '#10141a', '#0b0e12'];

/** The only place of tokens. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '18px' },
  defaultRadius: 6,
  respectReducedMotion: true,
  cursorType: 'pointer',
  headings: { fontWeight: '600' },
  components: {
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 100 }, centered: false, yOffset: '8vh' } }),
    // A `header` in a dialog counts as a second banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
  },
});

const lightVariables = {
  '--warroom-line': '#d9dde3',
  '--warroom-quiet': '#59636f',
  '--warroom-sunken': '#f3f5f7',
  '--warroom-chosen': '#eaf2ff',
  '--warroom-critical': '#b4232a',
  '--warroom-high': '#a8490a',
  '--warroom-medium': '#7d5d00',
  '--warroom-low': '#3a5f8a',
  '--warroom-good': '#1d6e3c',
  '--mantine-color-dimmed': '#59636f',
};

const darkVariables = {
  '--warroom-line': '#343b45',
  '--warroom-quiet': '#a3adb9',
  '--warroom-sunken': '#1e242c',
  '--warroom-chosen': '#1b2b45',
  '--warroom-critical': '#ff8087',
  '--warroom-high': '#ffa366',
  '--warroom-medium': '#e9c14d',
  '--warroom-low': '#8fbbef',
  '--warroom-good': '#6bd08f',
  '--mantine-color-dimmed': '#a3adb9',
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: lightVariables, dark: darkVariables });
