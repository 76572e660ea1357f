import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { CreateSessionRequest } from '@mydropbox/protocol/web';
import { Link, useLocation, useNavigate } from 'react-router';
import { useSignIn, useSignUps } from '../api/account.ts';
import { FormCard } from '../components/FormCard.tsx';
import { ProblemAlert } from '../components/ProblemView.tsx';
import { useForm } from '../hooks/use-form.ts';
import { usePageTitle } from '../hooks/use-page-title.ts';
import { nextAddress } from '../location.ts';

export function SignInPage() {
	usePageTitle('Sign in');
	const { search } = useLocation();
	const navigate = useNavigate();
	const signIn = useSignIn();
	const signUps = useSignUps();
	const form = useForm(CreateSessionRequest, { username: '', password: '' }, (values) =>
		signIn.mutate(values, { onSuccess: () => navigate(nextAddress(search), { replace: true }) }),
	);
	return (
		<FormCard
			title="Sign in"
			lead="Your files, the same on all your devices."
			below={
				<>
					{signUps !== 'closed' && (
						<Text>
							New here?{' '}
							<Anchor component={Link} to="/sign-up">
								Create an account
							</Anchor>
						</Text>
					)}
					<Text size="sm" c="dimmed" mt="xs">
						Forgot your password? Whoever runs this MyDropbox can give you a new one.
					</Text>
				</>
			}
		>
			<form onSubmit={form.onSubmit} noValidate>
				<Stack>
					{new URLSearchParams(search).has('next') && !signIn.isError && (
						<Alert variant="light">Please sign in; you then go on where you were.</Alert>
					)}
					<TextInput
						label="Username or e-mail"
						autoComplete="username"
						autoCapitalize="none"
						spellCheck={false}
						autoFocus
						{...form.field('username')}
					/>
					<PasswordInput label="Password" autoComplete="current-password" {...form.field('password')} />
					<ProblemAlert error={signIn.error} />
					<Button type="submit" loading={signIn.isPending} fullWidth mt="xs">
						Sign in
					</Button>
				</Stack>
			</form>
		</FormCard>
	);
}
