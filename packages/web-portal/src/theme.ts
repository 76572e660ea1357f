import { createTheme } from '@mantine/core';

export const theme = createTheme({
	primaryColor: 'indigo',
	// White text on it has a contrast of 5:1.
	primaryShade: 7,
	defaultRadius: 'md',
	cursorType: 'pointer',
	respectReducedMotion: true,
	headings: { fontWeight: '650' },
	components: {
		Modal: {
			defaultProps: { centered: true, radius: 'lg', overlayProps: { blur: 2 } },
			styles: { title: { fontWeight: 600 } },
		},
		Tooltip: { defaultProps: { withArrow: true, openDelay: 400 } },
	},
});
