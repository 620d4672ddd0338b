# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
"""The descriptors of all messages, in a pool of their own."""

from base64 import b85decode

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DESCRIPTORS = b85decode(
    "3ZfMX6mN2AZ*DJkF)wssb8B-haB^>SZxRS^a%pdFE_N{@g#ii%RAFLlWpff33I}s^a%pa7a~J_211Jen2Xl0CX>M"
    "n85-bV`aBpmBV`*h`7y=*zC<`(WE^l&aZ*DGjF)mPVY-wY8QV4KwY-wX@WpffU3JPOyZE$aHWo~qH7y}>!C<`(ZE"
    "^l&aZ*DGjF)l-IZE$aHWo~p*3S)0=aBps9Zgg`ZfddK#P;YE$V|fxO3I$_fV`ya<0U!Y=4l)xiZ*pmGZZ38)E<<5"
    "sXk|@rWMxtXV_{=xWfB+)2XbX}a%p9A7y=*xC=F5va%FUKX=QT~E(#NDZ*z2CcW-iQWpZC~Wpr|BWpfw<AOR>1QW"
    "0!#b97g4a%*LBQe|{<X=QT~9SR3@X>Db1b#xd6AOR==NB~j?bZKp6Z*_Et0Ra*w3JiB)X>?z7X>Db1b#xd7AOR=="
    "NC8p{cVTICRB3HxZ*_Et0Ra*$3J-H|Wn*=0VRU6*VP<q?au^060Vn}T0#XihaAjk4Y+-a|L1uJia)<!|5*7*uX>D"
    "+Ia%C6?AOR={QU+;laCLHJ5-17;YiVv|7ziK%C=N0dE^l&aZ*DGjF)mkca%*LBOKEOoQUq&hZe$V~3J7p=X>W3Ab"
    "a@yFAOR>5QV4KzX>W3Aba_Gw3J70xX>Db1b#y`x3JqU(VQF+<bZKp6Z*_D+5(*Gsb8uy2b!=gDWnW=tbY*fPUkV9"
    "BZ*6dIZe?zC5)ujoYiVv|7y%#wC<#&oYiVv|5)ujoZeeX@7y=*xC<#&oZeeX@5*7*uWNBw*b95L3AOR=|QU+vcXJ"
    "vDA5)ujoZf|sD7z7{zC<#&oZf|sDB1j4bQe|UlaAgu63JPOyZE$aHWo~qH7y%#yC=F5yV{dJ6Z*FC7baN6O3JP#?"
    "Z+2yFVQyn(7y=*zC<#&uaB^>UWo}_^V`U;S3IkGQW)cz#1ax6@YZw6_0VoMl1ax6@YZ4X;25)tAaCLMT0w4h>2~q"
    "}cb#!obbRxC_3ItSPb88X~3Ib_l7y%#wC<#&mX=D--3IuLpZDkk&AOR>1QUq>cZDkTA3I=IzaCLNZ7y}>!C<`(TE"
    "^l&aZ*DGjF)mVNW>N-eZg6#Ua}pE^1z~1%WpWq<AOk1~QUzgVbY*f97zzh(b#!obbaNO5AOk23QU`B!bZ~Waa}pE"
    "^1!r<^b#NF4AOR>1QUzynZ*_1IC<+F0Wn*b@Wf%t_0VoSH5H4?WX>V>Wb}=qeWn*b@Wl{!mWn*b@WfCb05Or>2VP"
    "j}zWM5)sV_|i3Wf%w`0VoYp4|Q&1VPj}zWI|<QVRdt55*7*uaBpmBV|f?}AOR>1QU-8uY-wY85*P{xb7gaLX>V>A"
    "3LpU}4N?blWpi_BZ*CG63I=RpVr6V|7z-c+C=F5uY++($Y;z(=3I<PgbZ~Wa5)ujoZeeX@7y%#wC<#&oZeeX@5*7"
    "*uWNBw*b95L2AOR=|QU+vcXJvDA5)ujob7^{I7y}>yC<Iajb7^{IB9#FO2~=ToYejN$Z*me63IuCuZe$n%AOR=|Q"
    "Uq&hZe$V?3Iud{aAg<*AOR=|QUr8)aAgu03I}avb8}&5Wf%h>0VoMl2W@3@b75y?5*!K%baG*1Wny7tYZwF|0VoM"
    "l33PH{V`XAtV`~x;3It+oZ(<k)AOR=|QUqdbZ(<S@3I%3qZeeT~1|R__2vP-RX>MU`BDw(z3_)XbX>V>)Wpj0GbP"
    "^B>18Ze@7y%#wC<#&nYh`&7Dhda0b#!obbaNO2AOk21G7v6ra%pdFE_N|4Pjz%~b#zh(Z*_EVb#!wQ8VU$xb#h^J"
    "X>V>A10Vq?0a6HLb#h^JX>V>49tsL{a$#<BV{&P5bQlC60VoMl3UqQ|ZgXRDX>fEB777M$a%pF2ZWsk10VoMl25)"
    "j{XK8K{7zzhta%Ew3Wn>rzAOR==QU_ylWnpw>WFqhZ3I;=HVQyz-5)cXlb7gTD0U!Y=1X2TYWpNS?3Ibtt7y=*xC"
    ";?IeVRRA_3Iudvb88p_AOR=|QUr8ib88YI3IlI!WEcb>0VobK4=!(VX>V>Wb}=qfbYXO5QUh;nWD+3?18!w^7zH2"
    "!C=N0YE^l&aZ*DGjF)mYdVRU6u18!w^5)cXlcW8MS1|R__2~q=hXn7JC3I}0ybY*RDbQlL90VoYp2Vrz{Wo>YD5*"
    "7*ucW-iQWpWq@AOR=|QU-T#a%*LB5+(`;WMy<=X>1q?AOk21G7c_pa%pdFE_N|4Mqy)gQU+vYbYW?1BHjWD1V&+F"
    "bP^H@1a4t%Wf%b<0VoMl1a4t%WfBw$1axJ1bQl640VoMb08#{WWq5QF7zze%b!}p0au@?30Vn}T08$2Sb!}p0auO"
    "5@1ZHeuXBY$^0VoJa08#{IY++{-D+&c=a&m8S7zH2!C<`(ZE^l&aZ*DGjF)mbLb8AI%a&K}-08#~Ia&m8S5+n))b"
    "YXLA7zQ8#C<`(UE^l&aZ*DGjF)mbLb8AQdQUr8ib88YU3I}g>bZ~Waa~KC80VoSH5iW0XX>V>Wb}=qbb#!obbaO}"
    "mQU`B!bZ~Waa}qEL26AO{b!>DP2p|C{3o;fiZ*pmGZZ38)E<s~-X>V>)Wpj0GbVvYF26AO{b!>DJCkh2_VQpn|7z"
    "rQ&C<`(VE^l&aZ*DGjF)mJFZDn&v08#~RVQpn|5*7*tcW7^HWf%$|0Vonk08#~aXm4y~LI(;3c42IFWg;~S2Tyf$"
    "aCLNZ5-JJ@Z*_EVb#!wW0U!e?3o;NcZ*pmGZZ38)E>CrIaCLN22XA$BaCLNZA{`0^PGN0ja}pE^1#V$&Wpfw-AOk"
    "1~QUz{dZDn&Je+mUga$#*{5)ujobYXLA7y%#wC<#&obYXLA5*P{xVRUq5ZE$oL0w4h>4N?bTbaZ8HaC8z73IlUxa"
    "To(20VoYp19N3@5)ujoYiVv|7z7{zC<#&oYiVv|5)ujoWMOn+7zH2!C=5~rWMOn+5)KLiVRRS<AOR==QUYOgB8&k"
    "F2vBlwXL4n8a}p8?1ax6@YZw6_0VoMl1ax6@YZ4d=2Vrz{Wo>YD7y=*xC=F5vVRUq5ZE$oF5()%lZ*FB610Vq?0a"
    "65HZ*FB06bc1&Z**a77z7{zC;?IhbZ>NFY!Vm>2W@3@b75y?7zH2!C<#&rZDn(FVP|C$4hjNcbQlI80Vn}d0%3G2"
    "kO2w>Q*>c;WfBew3R6@;R7GD-PfkS;01^ud2UkH!R7p-p5CIYk3I|Y9PeMsfM-T!M2?_;LML|Sa5Cakm3I|eEPEJ"
    "WqM-T)O3knB9K|@PVMn(_?5(o+eL{Cmd5C#$o3I;|&NlZmV5C;+y3J+CKQ&dt#K}}yqK}k$SL=XrP4GIZEK~6(OO"
    "iV>Y5D6+m3JF7DV`ybfZ)9Z>5ef}MK|@GIUqnSlK~+pt5C9Sr3J*g;Lr6tmQbj{gO;A--MGyfJ4GIZEK|@GIUr$C"
    "x5CSSC3JO<ma%*LBOKEOo5(^3kP*P7rMN?A{01^rc22@B=ML|Rm0b&Mla&L5RGYZrk3Keg1X>V>Xb}=t=baG{3Z7"
    "y(fZ**@G2yb#}Z*DGjF&Y$aa%pdFFLp66bYXLAb1ralZ**@W*aHd)RBuvsZggpFWfB+)2XbX`b!BsO7y%#wC<Iam"
    "a%FLKWpi{ACkh2<Wo&G37y=*xC<`(VE^l&aZ*DGjF)m1DY;12x08#~LWo&G35-JJ?b9G{EX>=F^AOR=~G7v6ra%p"
    "dFE_N|4Q*~l(X>>>cQU-H%Vr^-35-JJ?V_|M%Wo#G(AOR=~G7v6ra%pdFE_N|4Lt$=XWo$?QQU+sTZewL^5+@1;a"
    "%FUKc^CyC0VoSH4=!(VX>V>Wb}=qeWpr|RNB~j=a%FUKc@ilK24-(^XJvF41|R__3o;KbZ*pmGZZ38)E>vN2Yja2"
    "dQU+#ka%W|95-AD>W^Zh4Z+936AOR=~G7m0qa%pdFE_N|4RAF;#b4UPE24-(;Y;SiGCkh33VRU0?7ziK%C<`(VE^"
    "l&aZ*DGjF)mkObYo~p08#~aVRU0?5-kb`b#8ZIbYo~32_OL|3o;QdZ*pmGZZ38)E>&)KVRU0?NB~j?b#8ZIbYo}|"
    "Bnkv`Wo2#{3LpU}3o;HaZ*pmGZZ38)E>mS?Zb$%91aoC&ZW1aA1a4(_a~KOC0VoSH6fSRaX>V>Wb}=qjZ*ps8a!z"
    "G;b4UPE1a4(_b3z9S1#fa>WpX0(0SXI7a&K)?b#8QNZDkTG3I}&(Y-4Y2Wf%b<0VoSH5iW0XX>V>Wb}=qjWo%<_Z"
    "DmpicV%p2Z*64~B?<*)Ze(R-7y=*zC<`(VE^l&aZ*DGjF)l@JWMyPh1!ZnzWn>Z|3It(eYjYR_AOk21G7T<oa%pd"
    "FE_N|4L1SxD1Yu)qa}pv71ZHJrWEcb>0VoSH4lZwUX>V>Wb}=qSWo2Yi1ZHJrWD+e325)j?WpZ;E1t0?`3o;chZ*"
    "pmGZZ38)E>~}IYh`jza%5$4QU-5wWMy)55*i8!W?^z=cV%pB7zQ8#C<#&sW?^z=cV%pBB7p%41xRIVY;O`83J7p="
    "Z**^CZ)_L=AOR>1QV4KzZ**^CZ)_463I}#&a&u{KZWsa}0VoMl2X<w0b7^mG5*P{xb7gaLX>V>A10Vq?2~r1hWpi"
    "_BZ*CG63I=0rX=QG77z7{zC<#&qV{B<<Zgdh53IlLyWEce?0VoYp18`|%B9{UR2UlfmV{dI`5*i8!aB^>SZ)0z47"
    "y%#wC=F5waB^>SZ)0z45*P{xc4cyNX>V>A0w4h>2~r1kWpZ<AZ*CG43I%0wZ)0c}10Vq?2~q`RaBpL15)=vrV{C6"
    "@YZwF|0Vn}d1!HV)V`~x{3JGIjV`ybxWNC631t0+^2~r4SVPj}zL}_vo9SRC#VPj}zUu|J>YZwL~0VoMl31eYnXk"
    "|@da%&PF3JYUlV`ybxY-w$2bQlL90Vo7g3S(hoXk|=kZE1887zzhub#h^1Y-Jb-AOR={QU_#pa$#a@WfBq!1Z!z-"
    "WEcq`0VoMl1Z!z-WD*|=3u9qpXk}k>X>Ma>7z!W(C;?ImV_{=xWm9QxV`U<)0SX3Fbz*I4bP^H@1Z{6}Wf%b<0Vo"
    "Jk1Z{6}WfD3H40CmIa&L8RWNB_^a~J|30VoSH7A|jcX>V>Wb}=qfb#iiVb#7#7ZfA2+40CmIa&L8RWNB_^a}p>D2"
    "6SO!Y-Mv810Vq?3o;NcZ*pmGZZ38)E>vM+Y-Mv&26SO!Y-Mv2DhdU3VRLJ97z7{#C<`(aE^l&aZ*DGjF)mPHV{2t"
    "(RAF;#QU!Ejb8B-VVhRjXb#iiVb#7#7ZfA269100!X>w&_bZ>Hb7y%#wC=5~wWNC6`V{~tFc@h!|1aM(=Xcz(@11"
    "Jnq1aM(=Xc8a_3uSJ0X>xCFZDnqB7y}>!C=5~yWo~w9a&K;JWo~pLqX7yEP+?<hWn@%gb88YJ3Iudvb88p@AOR=~"
    "G7c_pa%pdFE_N|4RAF;#QUr8ib88Y53It<eY-|_;AOR>0NB~j<V_|G;5)=vqVr*|>7y}>yC<#aaQUqdbZ(<S@3Iu"
    "CqaC8_1AOR={NB~j<Yh`eB5+@1;XK8k2ZWsk10VoSH4=!(VX>V>Wb}=qTX?A69NB~j=XK8k2ZbAkM1Y>VxWg=Ay1"
    "xIOiWo{A{3I=3pXJvDA7y%#wC<#&qWNBw*b953C3Iua$dSw^_AOR=@QUr5pdSwz93It?fbYU0+AOR>0NB~j<WMOn"
    "+hyejY2MPsWWMOn+A}|UDLt$=XWo!}@3I%jwb8B-L0U!e?2~q`gVRLJ95)cXlcW8MS0w4h>2~q=hXn7(%3I$SSba"
    "HtT6bc1&VRLJ97y%#yC<#&pbYXLAa}pj33S@70ZgX^UWnpa?0w4h>2vQ1UZ+C8UbaG{3Z6X~C1yo^kYjYA53I%jw"
    "b8B-L0U!e?2~q`gVRLJ9B2NkhS7CHxXc80(1!Zt=V`vxwAOR=|QUzsjZ)0c@5DEixWpNk+AOR=@QUh~kaS|R13T1"
    "X>a(Q%UX>Mm210Vq?2vQ1Vc4cyTbZBXAXCes-2UTu&VRU0?A{+_?Q)Ojt5)=vrX>?_6a~J_20Vo7g1!;6;ZF3?<3"
    "Ijo7YZ4d=2XbX`b!BsO7y%#wC<Iama%FLKWpi{AB?<*)a&m8S7y=*xC<`(VE^l&aZ*DGjF)l@Na&K}{1!Zz_Z*n3"
    "v3I#=Sa&K}H5()%#d2nSI0U!Y=2~q@fd2nSC7zzh%Wpi_3XJr@yAOR=|QU`5ib8}&5Wg>101x0RTWn>Z(3Iudvb8"
    "8p@AOR=|QUr8ib88YM3I%g?VRU5}0w4h>4l)leZ*pmGZZ38)E>m=2bY)Tnb97;JWfCe12XA$BaCLNZ7y}>!C<`(W"
    "E^l&aZ*DGjF)mVNb9HQVQU`B!bZ~Wab0TUA22y2nb!>DJ5()%vVQpm?0U!Y=2~q@ZVQpm+777MrX=i0~bQl640Vo"
    "Ml24rbxWpi{A5()%!X?kTC10Vq?1X2WZX?kT67YYPqVRT^_1Rwz@3`hV{1Y}`!VTb_%LI(;3Uu0o)VIq(L3Is-FW"
    "n>Z*3I%0wZ)0c}0U!Y=2~q`RaBpL15)cXlb7gTD0w4h>1X2TYWpNS^3Ik_ha2Nw10VoJk17~4y5-17=bYWs_Wpfw"
    "=AOR=~G7v6ra%pdFE_N|4RAFLlWph#nbYWs_WpffF3I%C&Wo>g91t0?`3o;HaZ*pmGZZ38)E=hD{ZBhkkbY*RGBC"
    "i1o1W9ydZ4xR924iSpZf9i}0U!Y=3o;NcZ*pmGZZ38)E<<QxZf9jk08$2HXkl(=WfCU}1!i(#ZDkk&AOR=~G7m0q"
    "a%pdFE_N|4Msi_oWk>*01!i(#ZDkTL3J7p=Z)b94b8{F2AOR=~G7>Ita%pdFE_N|4P;zf)a%FRKNB~j@aB^>Fa%F"
    "RK5*P{xW^Zz3X=iR21Rwz@2vP@TZ*pa6XKq3U3Iu6%Wo;s&0SXIOZ*ps8a!+z(WpWZ03I=y?a%*LB7y%#wC<#&qc"
    "W-iQWpWZ03I=X<ZDM6|7y=*xC<IalZgp*9WpWZI3IlR=ZWsd~0VoSH6fSRaX>V>Wb}=qNb8~5DZf#|5bVvYF19Ek"
    "45*7*tb97~4Y#0O}0VoJa08#~WbY)>|5*P{wV_|M%Wo#G)AOR={NB~j>V_|M%Wo$wR3I%U+WMy(9v;hhVL349yXK"
    "rm}Zgdh73Iudvb88p@AOR=|QUr8ib88Y93I}0ybY*RDbQl640VoYp2Vrz{Wo>YD5)ujoZeeX@7y}>yC<#&oZeeX@"
    "5+@1<X>M?JbaNO4AOk21G7m0qa%pdFE_N|4M`?CtZc+wmZg6#Ua}ps61af6&a~K6611JkJ4K8nTX>V>Wb}=qeWoA"
    "+Ya%E<75*P{xZ*_EVb#!wW1|S0{2~r1db#!obbaNut0tyOOZ*ps8a!zG;a}pK`26u0AYh`j60U!Y=2~q}kZ*ps8a"
    "uOB_25xn2Vr6m|0w4h>1X2cWb!}p0auOs81Y~b+Wf%h>0VoSH4lZwUX>V>Wb}=qZVPs`U08#{GZ*FB0DhdW>VQFk"
    "-WEcb>0VoSH5H4?WX>V>Wb}=qOa&K#8Zb$%924-PtY-MB;Bnkv<Z*z1Q1t0+^3o;HaZ*pmGZZ38)E=+H8bVvYF1Z"
    ";0}bP^s431MPkZe(w6Wn>rzAOR={NB~j^VPau!WN&U|WD*z(26J?8Y-Mg32Ot3`2uJ`@26J?8Y-Mf|EeZ#4a%paK"
    "Wn>r#AOR=~G7&Csa%pdFE_N|4P;zN*bY)~n08$5Va%paKWn>aC3J7p=Z)b94b8{F8AOR=~G7>Ita%pdFE_N|4P;z"
    "f)a%FRKNB~j@aB^>Fa%FRKLIw&1Ze@3KB4!E%O<`nZ5-JJ@Z*_EVb#!wW0U!e?3o;NcZ*pmGZZ38)E>dN4b!>D}2"
    "XA$BaCLNZ5*P{xb7f<1Ze(*90w4h>0a6EZWn*t{WOEW23I}6oVQyz-WEcY=0VoJk2V-bqZf9j=B4i2%LUM0wWo{B"
    "F3I%0ya&K}N0U!Y=3o;WfZ*pmGZZ38)E>vN2YejN$Z*o!vWpZ+FauOj531xU=WpH$9Z*CX@AOR>0NB~j^Wq4y{aC"
    "B*JZioQ^LJSHDUuAe>WpH$9Z*C$m3It4Vb953G3I=3pXJvDA7y%#wC<#&qWNBw*b953A3Ilg&c^Cp90VoMl19xb7"
    "A~FgGP;zN*bY)}`Ckh5;a$#*{a~J_211JkJ4=!(VX>V>Wb}=qSa$#*{QU+#nVQpn|Vg_(>Z**@n3YQ-W7H@KCZ*D"
    "JkF)wm;ZggpFWiD`XZ**@G2yb#}Z*DGjF&Y$aa%pdFFLp66bYXLAb1ralZ**@O6>oBBZ*DJkF)wp;a%Ev{E^u;hb"
    "Z;UD3I#=NaCCVh9tsFlVRLIvVQpm+5()%vVQpm?0U!Y=2~q@ZVQpn1AqopqWpi_BZ*ERuZDkS?3IuLpZDkk%AOR="
    "|QUq>cZDk@I3I#)Nb#8PL6bc1nZ*^{T7y%#wC<IakV{dhCbRskg2UBHZZ*F9B5*-Q$b7f<1Ze(*90U!Y=0Z0H+2X"
    "kd(Z*F9BhyejY3JM5cb7f<1Ze(*JAPNRVX=i0~bP^T{24rbxWpi{G0U!Y=2~q}RX=i0~bRr`P2SjOSWpi|M5*P{x"
    "WNBw*b98eU0U!e?2~r1SX=i0~baNtS3JX+Wb8Av%aBp&Sa}p>D26SO!Y-Mv80U!Y=3o;NcZ*pmGZZ38)E>vM+Y-M"
    "v&26SO!Y-Mv2E(!;7WpHnDbaNO2AOk21G88Uva%pdFE_N|4RAF;#Qe|*&a&%G$a%FIDa&&VdrUD8IRAF;#Qe|*&a"
    "&!_R3Iudvb88p@AOR=~G7c_pa%pdFE_N|4RAF;#QUr8ib88YM3I%g?VRU5}0w4h>4l)leZ*pmGZZ38)E>m=2bY)T"
    "nb97;JWfBky18Ze@7y}>yC<#&nYh`&7Dhda0b#!obbaNO4AOk21G7v6ra%pdFE_N|4Pjz%~b#zh(Z*_EVb#!wQDG"
    "CK;a&m8S7zH2!C<`(ZE^l&aZ*DGjF)mbLb8AI%a&K}{1!Zz_Z*meS3Ik|qbQlI80VoSH7A|jcX>V>Wb}=qNV{~b6"
    "Zc=4)b!>D}188Y<5)ujoa&K>R7zZE$C<#&oa&K>R5+(`-b98TVc^C*F11JkJ5H4?WX>V>Wb}=qPXkl(=Wl{xmbZ>"
    "HbA~y;PMsi_oWph($ZewK<5()%#VRLI30U!Y=2~q@fVRLH|6bc1%X>Ma>7y=*xC=F5tb7^j4Wg;~S3Py5aZDm4Xb"
    "Yo}|Ckh5;a$#*{a~J_211JkJ4=!(VX>V>Wb}=qSa$#*{QU+#nVQpn|B1j4bS7B~+Wn>Z(3Iudvb88p@AOR=|QUr8"
    "ib88Y73I=a=bZ~Wa7y=*xC<#&qZ*_EVb#xLE3IuF#b95L3AOR=|QUq*ob95qC3I|MYV_|e<WD*t%24rbxWpi{G0U"
    "!Y=2~q}RX=i0~bP^H@1aoP6Wf%e=0Vo7g1aoP6WfB((1Y}`!VHg7-0VoVe08#{GVRT`L0Rch>3I$(eVRT_4_yGzH"
    "Mqz1eb#i4=WpHnDbP^H@1a4t%Wf%b<0VoMl1a4t%WfCO{1#@&^bY&O<AOR>2G7m0qa%pdFE_N|4Q*>c;Wl{xmbYX"
    "O55-AD=WpZ+Fau@?30VoSH6E1IZX>V>Wb}=qgVRLIma&m8SQUzsla&K}HAqoj)cw=R7bZKvH7z7{zC=5sdQVC^vV"
    "`Xr3X>V?b0Ra*y3I=pxVr*q|7zH2!C<`(WE^l&aZ*DGjF)mbLVr*q|QU-KkVr*q|5+(`-b98TVc^C#D11JkJ5H4?"
    "WX>V>Wb}=qPXkl(=Wl{xmbZ>HbLJSHDUuAe>WpH$9Z*C%c3JO7EV`Xr3VQyn(5)ujobYXLA7y%#wC<#&obYXLA5)"
    "cXlYh`&D0w4h>2~q=VWqA@a3JPOyZE$aHWo~qH7y}>!C<`(ZE^l&aZ*DGjF)l-IZE$aHWo~p*3S)0=aBps9Zgg`J"
    "5()%vVQpm?1Rwz@2~q@ZVQpn1NeTr+XmxID5)ujoWMOn+7y%#wC=5~rWMOn+5)=vrbZ>NFY#0I{0Vo7g1$1w8VQd"
    "l>3I=3pXJvDA7y}>yC<#&qWNBw*b95p)3Jg$kZ(?OZZgY2Ka&r<Y3Iu3rbaNO1AOk21G8Qgxa%pdFE_N|4L1T1jZ"
    "*Ed$b9HQVQUqvebaNsv3I|JNc~x^|a}p#91a)&|a~J_211JkJ5H4?WX>V>Wb}=qXWqDO|Wl{unb7gZPUkV0GWqDO"
    "|WfBky18Ze@7y%#wC<#&nYh`&7GYSf0Z*6dIZe?zCa~J|311JkJ6E1IZX>V>Wb}=qPZ*6dIZe?zCQVL^lZE$aHWo"
    "~qH5)KLiVRRS+AOR==QUYOgB6SK1Lt$fRWm9xvbY&743I}CwbaH8Ba~J_20Vo7g2W4(_a%p9A5)=vrVtI6Ba~J|3"
    "0Vo7g1!8%0Wpff43I%LwZE18E10Vq?1V{i<1#D?;X>^DI0TL1l1aM(=Xcz<_0VoMl1aM(=XhH}I248GxZE18OJ_-"
    "y&VPj}zMQ(I*X=QT~E(!-_Zgg^KWpfw-AOk21G88Uva%pdFE_N|4Lt$fRWkqgua(Pk*Wo~qGX=QUFehLahVPj}zM"
    "Q(I*c@hu`18Ze@7y%#wC<#&nYh`&75()%vVQpm?0w4h>2~q@ZVQpm+6bc1md30rS7y}>yC<IakVtI6Ba}pW~2xN6"
    "~VRUJ4ZWsh00Vn}d2xN6~VRUJ4ZW0&@2V-(&VRU6=7zH2!C;?IjV{&C-bY)~Br2+~JQgv>0X>DawbYXO55)ujoYi"
    "Vv|7y%#wC<#&oYiVv|5)cXlaA{;10w4h>4N?PeX=D-@3I}#&a&u{KZWsd~0VoMl2X<w0b7^mG5*7*uaCvlSZ*CX_"
    "AOR=|QU-8&bZBpG5*P{xb97;HbY)~11t0+^0a6EZbYXIIWn>Z*3I$_fV`ya<1|R__2~q`PVPj}z5)cXlY;R{62Ot"
    "3`2~q=WZ)XxO3I}&@a%*LBa~KF911JkJ6)tabX>V>Wb}=qjZ*ps8a#M6+bY)TpcW-iQWpZ;8777Msc4cmKa~KIA1"
    "1Jen24!|-Zgg`JG71QDWpi_BZ*FrK3Lpb03o;fiZ*pmGZZ38)E>mT5b7^mGQ*>c;Wl{)pWpi_BZ*FrUKMD+2Z*ps"
    "8a#M6+bY*iAFA4{DZ*ps8a&s5~AOk21G8Hawa%pdFE_N|4S8sA_WpYz=VRU6u2X}9BYh`kCB1H-dS8sA_WpYz=VR"
    "U5@4hjNkWEcS;0VoMl0%>Ft5()%sX>Mc~0w4h>2~q@WX>Mc^5()%#VRLI310Vq?2~q@fVRLIDpaBXDQ)P2=X>V>*"
    "bYXO55)ujoZeeX@7y%#wC<#&oZeeX@5*!K%V{dM5Wn*+@WEcV<0VoJk31e?=Ze?S1Wn>Z<3I}&#X>@6BXBYz@0Vo"
    "Yp2X|p<bZKs95*P{xa&>NQX>Mm21Rwz@4N?bkb#88HZf6n_3It?tZe<t+AOR>1QUqjgZe<b{3I=9jX>4U=7zQ8#C"
    "=F5uW?^Y;Wn?0S0SX9KWpZ<AZ*FrEJPHVQWpZ<AZ*FrK0U!e?3o;-sZ*pmGZZ38)E>>l7b7^mGb1qh8a&u{KZgWL"
    "$baHu82zF(1b7^mGa~eAe4OV4xb7^mGb46}+a(NOE3Il6pc^Cm80VoMl18Ze@5)=vrc42IFWf%e=0VoMl1$JR<b!"
    "9pNH~}I)3J6YbbY)a!cytmF3Il6pc^Cm80VoMl18Ze@5*G>tWMOn+7y=*xC=5sdQUqjSbYX}A0YV1~1z%)gbYU{h"
    "2?_^Nb#8QNZDkTU3I{`PZf<2`bP^LTZ*pmGZZ38)E>v$)b#8QNZDkr2E^l&aZ*DGjF)l`OZ*5X_ZggpFWhenK0TM"
    "F`22y2kZ*p`J5-x9YX>V>Wb}=qgVRLIvVQpm^6)tabX>V>Wb}=qgVRLIzWpHnDbaN6j3I|1Da%^d3auN?NZ*pmGZ"
    "Z38)E=6r{ba@&TE^l&aZ*DGjF)mbLb8Av%aBp&Sb1(rCHwp$ua$#*{a}pIUZ*pmGZZ38)E=F=;ZDn&)X>Ma>8Wb*"
    "Xa%pdFE_N|4Msi_oWkO+eV`wk|5-kb_OmAahbY&6{E^l&aZ*DGjF)mkOZggd28WApUa%pdFE_N|4OmAahbY)}`HV"
    "OwuVQFl2a%B<{E^l&aZ*DGjF)mbLb8AjvZDkr4E^l&aZ*DGjF)l`7X>4_JWm08uZ*p`JFbV`iVQg#?5-x9YX>V>W"
    "b}=qgVRLIvVQpm^6fSRaX>V>Wb}=qcVPk7$WK>~uYZ5aG2}5CSV`XeXY-|!0E^l&aZ*DGjF)mYOb8~5LZcbrsWf~"
    "7IZ*pmGZZ38)E=6r{ba@gl3I;)AV`Xr35)>|Pa%pdFE_N|4L1SZOaCBjAV`Ul-E^l&aZ*DGjF)l@IaCCVRD+&ZsW"
    "np9z5H4?WX>V>Wb}=qQX=i0~bQ%vXZ*pmGZZ38)E<<Q_Zfh_B5-bV@S8{1|WfBiAZ*pmGZZ38)E<<Q_ZfhD4E^l&"
    "aZ*DGjF)mMabZ~WaC;<{O3I$MdZ(?N<5iW0XX>V>Wb}=qQX=i0~baNUOE^l&aZ*DGjF)mPYZ(?OZZgY2Ka&r<i3J"
    "XPHa%^d3a!X}-a}p9RZ*pmGZZ38)E>vN2YffQpWf~DKZ*pmGZZ38)E=y&3RdZ!?5-<t}NNIC)Z*qAO5-x9YX>V>W"
    "b}=qgVRLIvVQpm^5iW0XX>V>Wb}=qfWn*t{WOEWU3JXJFV`ybkWpHnDbP^9PZ*pmGZZ38)E=6r{ba@&SE^l&aZ*D"
    "GjF)l-4V`yblbYXO55;O`4Lt$fRWlU*vbP^9PZ*pmGZZ38)E<<m1Zgd(JE^l&aZ*DGjF)l-4V`ybXZgg^KWpffP3"
    "JODEV`ybVY-M3`5)UqKa%pdFE_N|4MQw0&c^VHcZ*pmGZZ38)E<<m1Zgdhe3J6bjWpZ|DWp@$}E^l&aZ*DGjF)l@"
    "IaCCVZ7A|jcX>V>Wb}=qeb#8QNZDmt*VRU5@G71M*Z*ps8a&r<7E^l&aZ*DGjF)l@IaCCVZ7A|jcX>V>Wb}=qjZ*"
    "ps8a#M6+bY*iADhdWtWpinIWfBiAZ*pmGZZ38)E<<m1Zgd(CE^l&aZ*DGjF)l@IaCCVRG71YtZgy#MZ*Fa6Zgdh4"
    "E^l&aZ*DGjF)mJFZDn&B5-x9YX>V>Wb}=qiWpZ<AZ*FrED+&ZoZ**l65-x9YX>V>Wb}=qaZ**l;Wq5QN4=!(VX>V"
    ">Wb}=qRZE$pX5-th_PH%K&a}p0OZ*pmGZZ38)E=6r{ba@&QE^l&aZ*DGjF)mJTbY)a!cyurU5-bV`Q)qQ`WN&wF5"
    ")UqKa%pdFE_N|4MQw0&c^VHcZ*pmGZZ38)E=6r{ba`S1aB^>SZ!-"
)

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    _pool.AddSerializedFile(_file.SerializeToString())


def names_of(path):
    """Message classes and enum values of one .proto file, by name."""
    file = _pool.FindFileByName(path)
    found = {
        name: message_factory.GetMessageClass(message)
        for name, message in file.message_types_by_name.items()
    }
    for enum in file.enum_types_by_name.values():
        found.update({value.name: value.number for value in enum.values})
    return found


def methods_of(path, service):
    """(name, request class, answer class, requests are a stream, answers are one) of a service."""
    described = _pool.FindFileByName(path).services_by_name[service]
    return [
        (
            method.name,
            message_factory.GetMessageClass(method.input_type),
            message_factory.GetMessageClass(method.output_type),
            method.client_streaming,
            method.server_streaming,
        )
        for method in described.methods
    ]
